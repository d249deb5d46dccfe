package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"time"
)

// The main goroutine keeps the main thread, so that no worker gets it: a thread that is left in a namespace keeps
// it alive, and of all threads this one cannot end.
func init() { runtime.LockOSThread() }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve obeys lines "VERB N" on standard input and answers each with one line of JSON.
func serve(obey func(verb string, n int) int) {
	fmt.Println(`{"ready":true}`)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var verb string
		n := 0
		if read, _ := fmt.Sscan(lines.Text(), &verb, &n); read == 0 {
			continue
		}
		start := time.Now()
		count := obey(verb, n)
		fmt.Printf("{\"ms\":%.3f,\"count\":%d}\n", float64(time.Since(start).Microseconds())/1e3, count)
	}
}
