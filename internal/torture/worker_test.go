package torture_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// crew is the workers of a run.
type crew struct {
	command   func(worker int) *exec.Cmd
	logs      string // The folder for their logs.
	complainf func(format string, args ...any)

	mu        sync.Mutex
	processes []*process // All that ever ran.

	workers []*worker
	shift   int            // How often they were hired.
	pending sync.WaitGroup // Those who will start a worker again.
}

// worker is one worker, over all of its processes.
type worker struct {
	*crew

	number int

	mu      sync.Mutex
	process *process // nil while it is away.
	starts  int
	off     bool // It is not started again.
}

// process is one process of a worker's.
type process struct {
	cmd    *exec.Cmd
	log    string
	done   chan struct{}
	signal syscall.Signal // What it was told last.
	ended  time.Time
}

const (
	grace     = 10 * time.Second // What workers are given to end what is sending.
	stopLimit = grace + 20*time.Second
)

// hire starts so many workers, in place of those who were dismissed.
func (c *crew) hire(n int) {
	c.workers = nil
	c.shift++
	for i := range n {
		w := &worker{crew: c, number: i}
		c.workers = append(c.workers, w)
		w.start()
	}
}

// start runs another process of the worker's.
func (w *worker) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.off || w.process != nil {
		return
	}
	w.starts++
	p := &process{
		cmd: w.command(w.number), done: make(chan struct{}),
		log: filepath.Join(w.logs, fmt.Sprintf("worker-%d-%d-%02d.log", w.shift, w.number, w.starts)),
	}
	log, err := os.Create(p.log)
	if err != nil {
		w.complainf("worker %d: %v", w.number, err)
		return
	}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = log, log, dieWithParent()
	err = p.cmd.Start()
	_ = log.Close() // The process has its own.
	if err != nil {
		w.complainf("start worker %d: %v", w.number, err)
		return
	}
	w.process = p
	w.crew.mu.Lock()
	w.processes = append(w.processes, p)
	w.crew.mu.Unlock()
	go w.watch(p)
}

// watch holds that a process ends when it is told to, and in no other way.
func (w *worker) watch(p *process) {
	err := p.cmd.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.process == p {
		w.process = nil
	}
	p.ended = time.Now()
	switch {
	case p.signal == 0:
		w.complainf("worker %d ended by itself: %v; %s", w.number, err, tail(p.log))
	case p.signal == syscall.SIGTERM && err != nil && tail(p.log) != "": // Else it was told before it listened.
		w.complainf("worker %d was told to stop and ended with: %v; %s", w.number, err, tail(p.log))
	}
	close(p.done)
}

// end tells the process to end, if there is one, and starts another when it has
// been away for so long. It reports whether there was one.
func (w *worker) end(signal syscall.Signal, away time.Duration) bool {
	p := w.tell(signal)
	if p == nil {
		return false
	}
	w.pending.Go(func() {
		w.await(p)
		time.Sleep(away)
		w.start()
	})
	return true
}

func (w *worker) tell(signal syscall.Signal) *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.process
	if p == nil || p.signal == signal { // A second SIGTERM would be "at once".
		return p
	}
	p.signal = signal
	_ = p.cmd.Process.Signal(signal) // It may have ended this moment.
	return p
}

// await returns when the process has ended.
func (w *worker) await(p *process) {
	timer := time.NewTimer(stopLimit)
	defer timer.Stop()
	select {
	case <-p.done:
		return
	case <-timer.C:
	}
	w.complainf("worker %d still runs %v after it was told to stop; %s", w.number, stopLimit, tail(p.log))
	w.tell(syscall.SIGKILL)
	<-p.done
}

// dismiss ends all workers for good.
func (c *crew) dismiss(signal syscall.Signal) {
	for _, w := range c.workers {
		w.mu.Lock()
		w.off = true
		w.mu.Unlock()
		if p := w.tell(signal); p != nil {
			c.pending.Go(func() { w.await(p) })
		}
	}
	c.pending.Wait()
}
