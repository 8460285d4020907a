package website

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// A client that does not read must not hold up another one of the same visitor for longer than one write may take.
func TestSlowClientIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		a := newTestAdapter(t, m)
		runAdapter(t, a)
		slow, slowEnd := net.Pipe() // has no buffer at all
		good, goodEnd := net.Pipe()
		for _, conn := range []net.Conn{slowEnd, goodEnd} {
			if err := a.streams.reserve(""); err != nil {
				t.Fatal(err)
			}
			a.streams.add(&stream{conn: conn}, "v1")
		}
		synctest.Wait()
		start := time.Now()
		m.agentSays("v1", "hello")
		if _, err := good.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > writeTime {
			t.Errorf("the good client waited %v", took)
		}
		go func() { _, _ = io.Copy(io.Discard, good) }()
		synctest.Wait()
		if n := a.streams.count(); n != 1 {
			t.Errorf("%d streams, want the good one only", n)
		}
		if _, err := io.Copy(io.Discard, slow); err != nil {
			t.Errorf("the slow client's connection: %v", err)
		}
		_ = good.Close()
	})
}

func TestKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		a := newTestAdapter(t, m)
		runAdapter(t, a)
		ours, theirs := net.Pipe()
		if err := a.streams.reserve(""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		a.streams.add(&stream{conn: theirs}, "v1")
		synctest.Wait()
		before := m.reads.Load()
		last := time.Now()
		for range 10 {
			buffer := make([]byte, 8)
			n, err := ours.Read(buffer)
			if err != nil || string(buffer[:n]) != ":\n\n" {
				t.Fatalf("%q %v", buffer[:n], err)
			}
			if silence := time.Since(last); silence > 25*time.Second {
				t.Errorf("silent for %v", silence)
			}
			last = time.Now()
		}
		if n := m.reads.Load() - before; n != 0 {
			t.Errorf("%d readings of the log for keeping alive", n)
		}
		_ = ours.Close()
	})
}
