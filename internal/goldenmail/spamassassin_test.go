//go:build spamassassin

package goldenmail_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
)

// most is the score that a mail of ours stays under; at 5 it is spam.
const most = 1.0

// SpamAssassin, with its packaged rules and without a network, holds nothing
// against the mails: neither as Compose wrote them nor as they stand in a
// recipient's mailbox.
func TestNoMailIsSpam(t *testing.T) {
	t.Parallel()
	letters := map[string][]byte{}
	for _, g := range goldens(t) {
		letters[g.name] = read(t, g.file(".eml"))
		letters[g.name+", delivered"] = delivered(letters[g.name])
	}
	for name, v := range judge(t, letters) {
		t.Logf("%5.1f  %s: %s", v.score, name, v.rules)
		if v.score >= most {
			t.Errorf("%s scores %.1f, want less than %.1f: %s", name, v.score, most, v.rules)
		}
	}
}

// The judge knows spam where it sees it, and what it is about.
func TestSpamIsSpam(t *testing.T) {
	t.Parallel()
	letters := map[string][]byte{
		"bare":  compose(t, mailer.Content{Subject: "Your order", HTML: "<p>It is on its way.</p>"}), // The loader gives each mail a text.
		"gtube": spam(t, "Hello", "<p>Hello</p><p>XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X</p>"),
		"bank": delivered(spam(t, "URGENT BUSINESS PROPOSAL!!!", `<p>DEAR FRIEND, I am the Director of the Central Bank of Nigeria. I
			want to transfer the sum of US$25,500,000.00 (twenty five million five hundred thousand United States Dollars) into your bank
			account, in strict confidence. You are the next of kin of the late foreign customer. Contact my barrister with your bank
			account details, for the business transaction is risk free.</p>`)),
		"pills": delivered(spam(t, "CHEAP V1AGRA, SAVE 80% OFF!!!", `<font color="#ffffff">hidden words</font>
			<p>Viagra and Cialis, no prescription needed! Click here: <a href="http://192.0.2.9:8080/buy">https://www.bank.example/</a></p>`)),
	}
	verdicts := judge(t, letters)
	for name, v := range verdicts {
		t.Logf("%5.1f  %s: %s", v.score, name, v.rules)
		if name != "bare" && v.score < 3*most {
			t.Errorf("%s scores %.1f: %s", name, v.score, v.rules)
		}
	}
	if v := verdicts["bare"]; !strings.Contains(v.rules, "MIME_HTML_ONLY") {
		t.Errorf("a mail without text scores %.1f: %s", v.score, v.rules)
	}
}

// spam is a mail of a template that nobody should write.
func spam(t *testing.T, subject, body string) []byte {
	t.Helper()
	set, err := templates.Load(fstest.MapFS{"spam.html": {Data: []byte("---\nsubject: '" + subject + "'\n---\n" + body)}})
	if err != nil {
		t.Fatal(err)
	}
	content, err := set.Render("spam", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return compose(t, content)
}

func compose(t *testing.T, content mailer.Content) []byte {
	t.Helper()
	m, err := mailer.Compose(mailer.Draft{
		MailID: content.Subject, From: author, To: []mailer.Address{{Address: "ada@example.org"}}, Content: content, Date: sent,
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(m.Reader())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var messageID = regexp.MustCompile(`(?m)^Message-ID: .*$`)

// delivered is a mail as Gmail and the recipient's server leave it, as far as
// that has to do with its own content: with the way that it came, and Gmail's
// Message-ID. The signatures are missing: who is offline can't check them, and
// gives nothing for them.
func delivered(raw []byte) []byte {
	const at = "Fri, 20 Nov 2026 09:30:0"
	way := strings.Join([]string{
		"Return-Path: <" + author.Address + ">",
		"Received: from mail-lf1-f41.google.com (mail-lf1-f41.google.com [209.85.167.41])",
		"\tby mx.example.org (Postfix) with ESMTPS id 4b2Wmt5vJxz9sTK",
		"\tfor <ada@example.org>; " + at + "3 +0000 (UTC)",
		"Received: by mail-lf1-f41.google.com with SMTP id 2adb3069b0e04-59443dfc2e5so2195310e87.1",
		"\tfor <ada@example.org>; " + at + "2 +0000",
		"Received: from 584317020642 named unknown by gmailapi.google.com with HTTPREST; " + at + "1 +0000", "",
	}, "\r\n")
	return append([]byte(way), messageID.ReplaceAll(raw, []byte("Message-ID: <CAFx7a1+WmT5vJxz9sTKq0e87dso@mail.gmail.com>\r"))...)
}

type verdict struct {
	score float64
	rules string
}

// judge asks SpamAssassin about all letters at once: to start it takes longer
// than to judge. It learns nothing, and writes nowhere but in the test's folder.
func judge(t *testing.T, letters map[string][]byte) map[string]verdict {
	t.Helper()
	path, err := exec.LookPath("spamassassin")
	if err != nil {
		t.Fatal("no spamassassin in PATH. Debian: apt-get install spamassassin; macOS: brew install spamassassin")
	}
	var mbox, stderr bytes.Buffer
	names := make([]string, 0, len(letters))
	for name, raw := range letters {
		fmt.Fprintf(&mbox, "From %s Fri Nov 20 09:30:00 2026\nX-Golden: %d\n", author.Address, len(names))
		mbox.Write(bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\nFrom "), []byte("\n>From ")))
		mbox.WriteString("\n")
		names = append(names, name)
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), path, "--local", "--mbox", "--nocreate-prefs",
		"--cf=use_bayes 0", "--cf=use_auto_welcomelist 0", "--cf=report_safe 0", "--cf=fold_headers 0",
		"--cf=add_header all Verdict _HEADER(X-Golden)_ _SCORE_ _TESTSSCORES(,)_")
	cmd.Dir, cmd.Stdin, cmd.Stderr = home, &mbox, &stderr
	cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("spamassassin: %v\n%s", err, stderr.String())
	}
	verdicts := map[string]verdict{}
	for _, m := range regexp.MustCompile(`(?m)^X-Spam-Verdict: +(\d+) +(-?[\d.]+) +(\S+)$`).FindAllStringSubmatch(string(out), -1) {
		i, _ := strconv.Atoi(m[1])
		score, _ := strconv.ParseFloat(m[2], 64)
		verdicts[names[i]] = verdict{score, m[3]}
	}
	if len(verdicts) != len(letters) {
		t.Fatalf("%d verdicts on %d mails:\n%s", len(verdicts), len(letters), out)
	}
	return verdicts
}
