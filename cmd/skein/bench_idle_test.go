package main

import (
	"database/sql"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/store/pgtest"
)

// BenchmarkIdleVisitors measures what ten thousand visitors cost who have a stream open and say nothing: memory, and
// the database's transactions beyond those that the daemon makes without visitors.
func BenchmarkIdleVisitors(b *testing.B) {
	for _, kind := range databases {
		whole(b, kind, func(b *testing.B) {
			n := counting(10_000, 200)
			r := newRig(b, kind)
			p := r.start("127.0.0.1:0")
			window := lasting(30*time.Second, time.Second)
			settled := lasting(3*time.Second, 100*time.Millisecond)
			time.Sleep(settled)
			before := p.memory(b)
			without := r.transactions(b, window)

			one := r.listen(b, p, n)
			time.Sleep(lasting(statsDelay, settled))
			with := r.transactions(b, window)
			b.ReportMetric(float64(p.memory(b).resident-before.resident)/float64(n)/1024, "KiB-at-first-per-visitor")
			after := p.leastMemory(b, lasting(3*time.Minute, settled))
			measured(b, kind, "KiB-per-visitor", float64(after.resident-before.resident)/float64(n)/1024, 0)
			heard := make([]byte, 512)
			_ = one.SetReadDeadline(time.Now().Add(lasting(keepAlive+keepAlive/2, time.Millisecond)))
			if read, err := one.Read(heard); !testing.Short() && !strings.Contains(string(heard[:read]), ":\n") {
				b.Errorf("a stream was not kept alive: %q, %v", heard[:read], err)
			}
			if kind == "postgres" {
				measured(b, kind, "transactions-per-keepalive", (with-without)/(float64(n)*float64(window)/float64(keepAlive)), 0)
			}
			p.terminate()
		})
	}
}

// keepAlive is how often the daemon writes to a stream on which nothing happens.
const keepAlive = 20 * time.Second

// listen opens n streams, each of a visitor of its own, and leaves them open. It returns one of them.
func (r *rig) listen(b testing.TB, p *process, n int) (one net.Conn) {
	b.Helper()
	opener, err := call(p.address, "website")
	must(b, err)
	defer opener.conn.Close()
	for range n {
		opener.token = ""
		must(b, opener.open(""))
		conn, err := net.Dial("tcp", p.address)
		must(b, err)
		b.Cleanup(func() { _ = conn.Close() })
		_, err = fmt.Fprintf(conn, "GET %sstream HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer %s\r\n\r\n", opener.base, opener.token)
		must(b, err)
		head := make([]byte, 512)
		read, err := conn.Read(head)
		must(b, err)
		if !strings.HasPrefix(string(head[:read]), "HTTP/1.1 200 ") {
			b.Fatalf("a stream was answered %q", head[:read])
		}
		one = conn
	}
	return one
}

// statsDelay is longer than PostgreSQL's processes keep to themselves what they did, when they have no more to do.
const statsDelay = 12 * time.Second

// transactions counts what the database server has done for everyone in a while; 0 where there is no server.
func (r *rig) transactions(b *testing.B, window time.Duration) float64 {
	b.Helper()
	if !strings.HasPrefix(r.database, "postgres:") {
		time.Sleep(window)
		return 0
	}
	db, err := sql.Open("postgres", r.database)
	must(b, err)
	defer db.Close()
	count := func() (n float64) {
		must(b, db.QueryRow(`SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()`).Scan(&n))
		return n
	}
	before := count()
	time.Sleep(window)
	return count() - before
}

// memory is what the system holds in memory for a process, in bytes.
type memory struct{ resident, file int }

func (p *process) memory(b testing.TB) (m memory) {
	b.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	must(b, err)
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmRSS":
			m.resident = kib << 10
		case "RssFile": // the program itself, as far as it was used
			m.file = kib << 10
		}
	}
	return m
}

// leastMemory waits until the process's memory has not shrunk for a while, at most as long as told: a collector gives
// memory back when it has time.
func (p *process) leastMemory(b testing.TB, most time.Duration) memory {
	b.Helper()
	least, since := p.memory(b), time.Now()
	for began := time.Now(); time.Since(began) < most && time.Since(since) < most/4; {
		time.Sleep(min(most/20, 500*time.Millisecond))
		if m := p.memory(b); m.resident < least.resident {
			least, since = m, time.Now()
		}
	}
	return least
}

// BenchmarkStart measures how long a daemon takes from its start until it is ready, on a database that is new and on
// one that it knows, and the memory that it holds then.
func BenchmarkStart(b *testing.B) {
	for _, kind := range databases {
		whole(b, kind, func(b *testing.B) {
			var fresh, again, idle []float64
			for range counting(7, 1) {
				r := newRig(b, kind)
				if kind == "postgres" {
					r.database = pgtest.Database(b, nil)
				}
				p := r.start("127.0.0.1:0")
				fresh = append(fresh, float64(p.ready)/1e6)
				p.terminate()
				p = r.start("127.0.0.1:0")
				again = append(again, float64(p.ready)/1e6)
				time.Sleep(lasting(2*time.Second, 100*time.Millisecond))
				m := p.memory(b)
				idle = append(idle, float64(m.resident)/(1<<20))
				b.ReportMetric(float64(m.file)/(1<<20), "of-it-program-MiB")
				p.terminate()
			}
			measured(b, kind, "ready-fresh-ms", median(fresh), 0)
			measured(b, kind, "ready-again-ms", median(again), 0)
			measured(b, kind, "idle-MiB", median(idle), 0)
		})
	}
}
