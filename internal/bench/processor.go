package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// busy is how long processors have worked for what is measured so far: this process, the
// server, and the engine's processes, as far as they still run. It says what something costs on a
// machine that does other work besides, where the clock on the wall says how long it waited.
func (b *bench) busy() (sum time.Duration) {
	for _, pid := range append(b.engine.processes(), os.Getpid(), b.server.command.Process.Pid) {
		sum += processed(pid)
	}
	return sum
}

// processed is how long the threads of a process have run; 0 where it has ended.
func processed(pid int) (sum time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, thread := range threads {
		var ns int64
		if text, err := os.ReadFile(thread); err == nil {
			fmt.Sscan(string(text), &ns)
		}
		sum += time.Duration(ns)
	}
	return sum
}

// processes are those that serve the databases of this run.
func (e *postgresEngine) processes() (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), e.called("")) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(file, "/proc/%d/cmdline", &pid); err == nil && strings.HasPrefix(string(text), "postgres:") {
			pids = append(pids, pid)
		}
	}
	return pids
}

func (e *sqliteEngine) processes() []int { return nil } // it is in the others
