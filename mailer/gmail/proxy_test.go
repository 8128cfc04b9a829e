package gmail_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
)

// proxyEnv tells a re-executed test binary to send a mail to example.com, whose
// certificate is in that file. net/http reads HTTPS_PROXY once a process.
const proxyEnv = "POSTROOM_TEST_PROXY_CERTIFICATE"

func TestMain(m *testing.M) {
	if path := os.Getenv(proxyEnv); path != "" {
		if err := sendTo("https://example.com", path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func sendTo(endpoint, certificatePath string) error {
	der, err := os.ReadFile(certificatePath)
	if err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	transport := gmail.NewTransport(1)
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(certificate)
	sender, err := gmail.New(gmail.Config{Tokens: fixed("token"), Endpoint: endpoint, Transport: transport})
	if err != nil {
		return err
	}
	m, err := mailer.Compose(mailer.Draft{
		MailID: "x", From: mailer.Address{Address: "shop@example.com"}, To: []mailer.Address{{Address: "ada@example.org"}}, Date: time.Now(),
	})
	if err != nil {
		return err
	}
	_, err = sender.Send(context.Background(), m)
	return err
}

// TestProxy has a process send through the proxy of its environment.
func TestProxy(t *testing.T) {
	t.Parallel()
	var sends atomic.Int64
	// httptest's certificate is good for example.com.
	google := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sends.Add(1)
		_, _ = w.Write([]byte(`{"id":"1","threadId":"1"}`))
	}))
	t.Cleanup(google.Close)
	certificate := filepath.Join(t.TempDir(), "certificate.der")
	if err := os.WriteFile(certificate, google.Certificate().Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "example.com:443" {
			t.Errorf("the proxy was asked to %s %s", r.Method, r.Host)
		}
		if err := tunnel(w, google.Listener.Addr().String()); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(proxy.Close)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), proxyEnv+"="+certificate, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=", "no_proxy=")
	if out, err := cmd.CombinedOutput(); err != nil || sends.Load() != 1 {
		t.Errorf("%d mails arrived: %v\n%s", sends.Load(), err, out)
	}
}

// tunnel is what a proxy does on CONNECT: bytes both ways, until one side ends.
func tunnel(w http.ResponseWriter, address string) error {
	server, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return err
	}
	ended := make(chan struct{}, 2)
	copyAll := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from) // However it ended: the process may have.
		ended <- struct{}{}
	}
	go copyAll(server, buffered)
	go copyAll(client, server)
	<-ended
	return nil
}
