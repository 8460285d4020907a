package website

import "sync"

// maxWorkers bounds how many visitors' streams are read for and written to at once.
const maxWorkers = 32

// workers run tasks in the order given, several at once. A worker exists only while there are tasks, so an idle
// endpoint has none, and starting one is the fastest way to wake one.
type workers struct {
	mu      sync.Mutex
	tasks   []func()
	running int
	wg      sync.WaitGroup
}

// do never blocks.
func (p *workers) do(task func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tasks = append(p.tasks, task)
	if p.running < maxWorkers {
		p.running++
		p.wg.Go(p.work)
	}
}

func (p *workers) work() {
	for {
		p.mu.Lock()
		if len(p.tasks) == 0 {
			p.tasks = nil // what a burst has grown is not kept
			p.running--
			p.mu.Unlock()
			return
		}
		task := p.tasks[0]
		p.tasks[0] = nil
		p.tasks = p.tasks[1:]
		p.mu.Unlock()
		task()
	}
}

// wait returns when there are no tasks left. Nobody may call do meanwhile but the tasks themselves.
func (p *workers) wait() { p.wg.Wait() }
