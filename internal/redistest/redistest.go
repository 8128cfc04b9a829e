// Package redistest runs real redis-servers for tests: one alone, a master that
// sentinels watch, or a cluster.
//
// Each test has servers of its own, on free ports and in temporary directories,
// that end with the test. Nothing is skipped where redis-server is missing: the
// test fails and says how to get it.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// startTimeout is how long a server may take to answer its first PING.
const startTimeout = 20 * time.Second

// Server is a redis-server process with a port and a directory that it keeps
// over restarts.
type Server struct {
	// Addr is the host and port that the server listens on.
	Addr string

	tb   testing.TB
	dir  string
	conf string // The configuration file; only a sentinel needs one.
	bus  string // The port on which a cluster's nodes talk; empty elsewhere.
	args []string
	cmd  *exec.Cmd
	done chan struct{}
}

// Start runs a redis-server that writes nothing to disk, until the test ends.
// More settings may be given as redis-server's own flags and values.
func Start(tb testing.TB, args ...string) *Server {
	tb.Helper()
	return start(tb, &Server{args: append(memory(), args...)})
}

// memory are the settings of a server that writes nothing to disk.
func memory() []string { return []string{"--save", "", "--appendonly", "no"} }

// StartDurable runs a redis-server whose every write is on disk before it is
// answered (AOF, fsync always), so that Kill and Restart lose nothing.
func StartDurable(tb testing.TB, args ...string) *Server {
	tb.Helper()
	return start(tb, &Server{
		args: append([]string{"--save", "", "--appendonly", "yes", "--appendfsync", "always"}, args...),
	})
}

// start gives a server its directory and port, and runs it until the test ends.
func start(tb testing.TB, s *Server) *Server {
	tb.Helper()
	s.tb, s.dir = tb, tb.TempDir()
	tb.Cleanup(s.Kill)
	var err error
	for range portTries {
		s.Addr = freeAddr(tb)
		if s.bus != "" {
			_, s.bus, _ = net.SplitHostPort(freeAddr(tb))
		}
		if err = s.launch(); err == nil {
			return s
		}
	}
	tb.Fatal(err)
	return nil
}

// URL is the server's address as REDIS_URL takes it.
func (s *Server) URL() string { return "redis://" + s.Addr + "/0" }

// Client returns a new client of the server that is closed when the test ends.
func (s *Server) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.Addr, ContextTimeoutEnabled: true})
	s.tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Kill ends the server at once, as kill -9 does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.done
	s.cmd = nil
}

// Restart starts a killed server again on the same port and directory.
func (s *Server) Restart() {
	s.tb.Helper()
	s.Kill()
	if err := s.launch(); err != nil {
		s.tb.Fatal(err)
	}
}

// Pause stops the server from answering while its connections stay open.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatalf("redistest: %v to redis-server: %v", sig, err)
	}
}

func (s *Server) launch() error {
	s.tb.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		s.tb.Fatal("redistest: no redis-server in PATH. Debian: apt-get install redis-server; macOS: brew install redis; `make test` does the former by itself")
	}
	_, port, _ := net.SplitHostPort(s.Addr)
	logFile := filepath.Join(s.dir, "redis.log")
	var args []string
	if s.conf != "" {
		args = append(args, filepath.Join(s.dir, confFile), "--sentinel")
		if err := os.WriteFile(args[0], []byte(s.conf), 0o600); err != nil {
			s.tb.Fatal(err)
		}
	}
	args = append(args, "--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--logfile", logFile, "--daemonize", "no")
	if s.bus != "" {
		args = append(args, "--cluster-port", s.bus)
	}
	s.cmd = exec.Command(bin, append(args, s.args...)...)
	s.cmd.SysProcAttr = dieWithParent()
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return fmt.Errorf("redistest: start redis-server: %w", err)
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // Its status is of no interest: tests kill it.
		close(done)
	}(s.cmd, s.done)
	if err := s.awaitPing(); err != nil {
		out, _ := os.ReadFile(logFile) //nolint:gosec // The test's own directory.
		s.Kill()
		return fmt.Errorf("redistest: redis-server on %s: %w\n%s", s.Addr, err, out)
	}
	return nil
}

func (s *Server) awaitPing() error {
	c := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer func() { _ = c.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		err := c.Ping(ctx).Err()
		if err == nil {
			return s.isOurs(ctx, c)
		}
		select {
		case <-s.done:
			return errors.New("ended by itself")
		case <-ctx.Done():
			return err
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// isOurs tells our server from one that took the port between the moment that
// it was found free and the moment that ours wanted it.
func (s *Server) isOurs(ctx context.Context, c *redis.Client) error {
	info, err := c.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	if !strings.Contains(info, "process_id:"+strconv.Itoa(s.cmd.Process.Pid)+"\r\n") {
		return fmt.Errorf("%s is somebody else's server", s.Addr)
	}
	return nil
}

// Ports are taken from below the range that the kernel gives to outgoing
// connections: nobody takes one while its server is down for a moment.
const (
	firstPort = 12000
	lastPort  = 32000
)

// confFile is the name of a configuration file in its server's directory.
const confFile = "redis.conf"

// portTries is how many ports are tried: another test may take one between the
// moment that it was found free and the moment that the server wants it.
const portTries = 20

func freeAddr(tb testing.TB) string {
	tb.Helper()
	for range lastPort - firstPort {
		port := firstPort + rand.IntN(lastPort-firstPort) //nolint:gosec // Any port will do.
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		_ = l.Close() // It was only asked for.
		return addr
	}
	tb.Fatal("redistest: no free port")
	return ""
}
