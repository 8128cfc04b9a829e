package admin

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

// How long a client may take, so that none holds a connection for ever. Writing
// has the most: "run all" on a long queue answers when it is done.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	writeTimeout  = time.Minute
	idleTimeout   = time.Minute
	maxHeader     = 32 << 10
)

// shutdownTimeout is how long Serve waits for answers under way when told to
// end.
const shutdownTimeout = 3 * time.Second

// maxScrapes is how many scrapes of /metrics run at once.
const maxScrapes = 4

// Server answers operators on one port.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen opens the port, which then takes connections that Serve will answer.
// It refuses a Config that Validate finds fault with, and an address that turns
// out to be reachable from outside while there is no password. Where the port
// is taken, the error is a syscall.EADDRINUSE.
func Listen(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Redis == nil || cfg.Gatherer == nil {
		return nil, errors.New("admin.Config: Redis and Gatherer must be set")
	}
	if cfg.Log == nil {
		cfg.Log = zap.NewNop()
	}
	handler, err := newHandler(cfg)
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Server{listener: listener, http: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(httpErrors{cfg.Log}, "", 0),
	}}, nil
}

func listen(ctx context.Context, cfg Config) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.Addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("POSTROOM_ADMIN_ADDR %q: the port is in use; choose another, or off: %w", cfg.Addr, err)
	}
	if err != nil {
		return nil, fmt.Errorf("POSTROOM_ADMIN_ADDR %q: %w", cfg.Addr, err)
	}
	// "localhost" is what the resolver says it is.
	tcp, ok := listener.Addr().(*net.TCPAddr)
	if cfg.User == "" && (!ok || !tcp.IP.IsLoopback()) {
		return nil, errors.Join(cfg.errOpen(), listener.Close())
	}
	return listener, nil
}

// newHandler puts the doors in front of the rooms.
func newHandler(cfg Config) (http.Handler, error) {
	hs := make(hosts, len(cfg.Hosts))
	for i, s := range cfg.Hosts {
		h, err := parseHost(s)
		if err != nil {
			return nil, err
		}
		hs[i] = h
	}
	door := newLogin(cfg)

	inside := http.NewServeMux()
	dashboard := newDashboard(cfg)
	start := dashboardPath
	if cfg.Pages != nil {
		start = "/preview"
		dashboard = withLinks(dashboard)
		for _, path := range []string{"/preview", "/mailbox", "/pages"} {
			inside.Handle(path, cfg.Pages)
			inside.Handle(path+"/", cfg.Pages)
		}
	}
	inside.Handle(dashboardPath, dashboard)
	inside.Handle(dashboardPath+"/", dashboard)
	inside.Handle("GET /metrics", promhttp.HandlerFor(cfg.Gatherer, promhttp.HandlerOpts{
		// One collector that fails takes its own metrics away, not all of them.
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            scrapeErrors{cfg.Log},
		MaxRequestsInFlight: maxScrapes,
	}))
	inside.Handle("GET /{$}", http.RedirectHandler(start, http.StatusSeeOther))

	var crossOrigin http.CrossOriginProtection
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "Refused: the request comes from another site.")
	}))

	all := http.NewServeMux()
	all.HandleFunc("GET /livez", livez)
	all.Handle("GET /readyz", &readyz{cfg: cfg, looks: newTurns(), insider: func(r *http.Request) bool {
		return hs.ours(r) && door.passed(r)
	}})
	all.Handle("/", hs.guard(crossOrigin.Handler(door.guard(inside))))
	return withHeaders(all), nil
}

// Addr is the host and port that the server listens on, the port found where
// Config.Addr had 0.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Serve answers until ctx is done, then lets answers under way end, for 3 s at
// most, and returns nil. The port is closed when it returns.
func (s *Server) Serve(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- s.http.Serve(s.listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("answer operators on %s: %w", s.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(grace); err != nil {
		_ = s.http.Close() // Cuts what did not end in time; it has had its grace.
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer operators on %s: %w", s.Addr(), err)
	}
	return nil
}

// Close closes the port at once, for who listened and then never serves.
func (s *Server) Close() error { return s.listener.Close() }

// httpErrors takes net/http's log lines.
type httpErrors struct{ log *zap.Logger }

// Write logs one line.
func (e httpErrors) Write(line []byte) (int, error) {
	e.log.Warn("admin HTTP error", zap.ByteString("error", line))
	return len(line), nil
}

// scrapeErrors takes what collectors report.
type scrapeErrors struct{ log *zap.Logger }

var _ promhttp.Logger = scrapeErrors{}

// Println logs one error.
func (e scrapeErrors) Println(v ...any) {
	e.log.Warn("metrics incomplete", zap.String("error", fmt.Sprint(v...)))
}
