package mailer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
)

// What was composed comes out again, decoded.
func TestOpen(t *testing.T) {
	t.Parallel()
	d := newDraft(func(d *mailer.Draft) {
		d.Subject, d.Text, d.HTML = "Grüße, 世界", "Zeile\nzwei ä\n", "<p>Hallo ä</p>\n"
		d.Attachments = []mailer.Attachment{
			{Name: "Übersicht 世界.pdf", Type: "application/pdf", Content: []byte("%PDF\r\n\x00")},
			{Name: "logo.png", Type: "image/png", ContentID: "logo", Content: []byte("\x89PNG")},
		}
	})
	l, err := mustCompose(t, d).Open()
	if err != nil {
		t.Fatal(err)
	}
	if l.Field("Subject") != d.Subject || l.Text != d.Text || l.HTML != d.HTML || l.Field("X-None") != "" {
		t.Errorf("opened %+v", l)
	}
	if diff := cmp.Diff([]mailer.Attachment{d.Attachments[1], d.Attachments[0]}, l.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestFrame(t *testing.T) {
	t.Parallel()
	l := mailer.Letter{Files: []mailer.Attachment{{Name: "l.png", Type: "image/png", ContentID: "logo", Content: []byte("PNG")}, {Name: "x"}}}
	for source, want := range map[string]string{
		`<p title='a'>Hi &amp; you<br/></p>`: `<p title='a'>Hi &amp; you<br/></p>`,
		`<img src="cid:logo" alt="a">`:       `<img src="data:image/png;base64,UE5H" alt="a">`,
		`<a href="#top">`:                    `<a href="#top">`,
		`<td background='cid:logo'>`:         `<td background="data:image/png;base64,UE5H">`,
		`<img src="cid:other">`:              `<img src="cid:other">`,
		`<img src="cid:">`:                   `<img src="cid:">`,
		`<LINK rel=dns-prefetch href="//a.example"><meta HTTP-EQUIV=refresh content="0;url=https://a.example"><base href="https://a.example/">x`: `x`,
		`<meta charset="utf-8"><style>a > b { c: "<link>" }</style><!-- <link> -->`:                                                              `<meta charset="utf-8"><style>a > b { c: "<link>" }</style><!-- <link> -->`,
		`<a href="https://a.example/?a=1&amp;b" target=_top ping="https://b.example">`:                                                           `<a href="https://a.example/?a=1&amp;b" target="_blank" rel="noopener noreferrer">`,
	} {
		l.HTML = source
		if got := l.Frame(); got != want {
			t.Errorf("%s\nframed: %s\nwant:   %s", source, got, want)
		}
	}
	for _, word := range []string{"allow-scripts", "allow-same-origin", "http:", "https:", "*"} {
		if policy := mailer.FramePolicy; strings.Contains(policy, word) {
			t.Errorf("the policy has %s", word)
		}
	}
}
