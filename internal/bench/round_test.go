//go:build bench

package bench_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/postroom/postroom/internal/heap"
	"github.com/postroom/postroom/tasks/delivery"
)

// round is one contender's turn: to send the mail that waits.
type round struct {
	Who   string       `json:"who"`
	Redis string       `json:"redis"`
	Gmail gmailAddress `json:"gmail"`
}

const roundVariable = "POSTROOM_BENCH_ROUND"

// inOwnProcess has a contender take its turn in a process that does nothing else,
// as a worker does: it pays for no garbage but its own.
func inOwnProcess(tb testing.TB, r round) (f figure) {
	tb.Helper()
	spec, err := json.Marshal(r)
	if err != nil {
		tb.Fatal(err)
	}
	answer, says, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = answer.Close() }()
	cmd := exec.CommandContext(tb.Context(), os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkRound$", "-test.benchtime=1x")
	cmd.Env = append(os.Environ(), roundVariable+"="+string(spec))
	cmd.Stderr, cmd.ExtraFiles = os.Stderr, []*os.File{says}
	err = cmd.Start()
	_ = says.Close()
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.NewDecoder(answer).Decode(&f); err != nil {
		tb.Errorf("%s: no figure: %v", r.Who, err)
	}
	if err := cmd.Wait(); err != nil {
		tb.Fatalf("%s: %v", r.Who, err)
	}
	return f
}

// BenchmarkRound is a contender's turn.
func BenchmarkRound(b *testing.B) {
	var r round
	if err := json.Unmarshal([]byte(os.Getenv(roundVariable)), &r); err != nil {
		b.Fatalf("%s: %v; TestThroughput sets it", roundVariable, err)
	}
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), devNull(b), zap.InfoLevel))
	rdb := open(b, r.Redis)
	turn := func(done func()) func() { return newPlain(b, r.Gmail, log, done).start(b, rdb, concurrency) }
	if r.Who == "ours" {
		heap.RaiseFloor() // As `worker run` does.
		turn = func(done func()) func() {
			return startPool(b, rdb, r.Gmail, func(c *delivery.Config) {
				c.Log = log
				c.AfterStep = func(step delivery.Step, _ string) {
					if step == delivery.StepResult {
						done()
					}
				}
			})
		}
	}
	if err := json.NewEncoder(os.NewFile(3, "figure")).Encode(measure(b, mails, turn)); err != nil {
		b.Fatal(err)
	}
}

func devNull(tb testing.TB) zapcore.WriteSyncer {
	tb.Helper()
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// measure times n things that work does between its start and the last done.
func measure(tb testing.TB, n int, work func(done func()) (stop func())) figure {
	tb.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	all := make(chan struct{})
	cpuBefore, began := cpuTime(), time.Now()
	stop := work(func() {
		if left.Add(-1) == 0 {
			close(all)
		}
	})
	select {
	case <-all:
	case <-time.After(2 * time.Minute):
		tb.Fatalf("%d of %d left after two minutes", left.Load(), n)
	}
	took, used := time.Since(began), cpuTime()-cpuBefore
	stop()
	return figure{PerSecond: float64(n) / took.Seconds(), CPU: used.Seconds() / float64(n)}
}
