package webtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// body is what a call sends.
type body struct {
	kind  string // Content-Type
	key   string // Idempotency-Key
	bytes []byte
}

func jsonBody(v any) body {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a mistake in this package
	}
	return body{kind: "application/json", bytes: b}
}

// call repeats a request, at each server in turn, until it is answered for good or ctx ends.
func (v *Visitor) call(ctx context.Context, method, path string, b body, into any) error {
	for attempt := 0; ; attempt++ {
		err := v.try(ctx, method, path, b, into)
		if err == nil {
			return nil
		}
		problem, refused := errors.AsType[*Problem](err)
		if refused && !problem.passing() {
			return err
		}
		wait := backoff(attempt)
		if refused && problem.RetryAfter > 0 {
			wait = time.Duration(problem.RetryAfter) * time.Second
		}
		v.turnAway()
		if !pause(ctx, wait) {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

func (v *Visitor) try(ctx context.Context, method, path string, b body, into any) error {
	answer, err := v.once(ctx, method, path, b)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body) // to the end, or the connection is of no further use
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(content, into)
}

// once makes one request. A refusal is a *Problem.
func (v *Visitor) once(ctx context.Context, method, path string, b body) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, v.server()+path, bytes.NewReader(b.bytes))
	if err != nil {
		return nil, err
	}
	v.headers(r.Header)
	if b.kind != "" {
		r.Header.Set("Content-Type", b.kind)
	}
	if b.key != "" {
		r.Header.Set("Idempotency-Key", b.key)
	}
	answer, err := v.site.client.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 {
		defer answer.Body.Close()
		return nil, asProblem(answer)
	}
	return answer, nil
}

func asProblem(answer *http.Response) error {
	p := &Problem{}
	content, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	_ = json.Unmarshal(content, p) // a proxy's page is a problem too
	p.Status = answer.StatusCode
	return p
}

func (v *Visitor) headers(h http.Header) {
	if token := v.Token(); token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	if v.site.origin != "" {
		h.Set("Origin", v.site.origin)
	}
}

// server is the base address in use.
func (v *Visitor) server() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.site.bases[v.base%len(v.site.bases)]
}

// turnAway makes the next server the one in use.
func (v *Visitor) turnAway() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.base++
	v.retries++
}

// backoff is the pause before attempt n + 1: doubling from 20 ms to 1 s, half of it random.
func backoff(attempt int) time.Duration {
	whole := min(time.Second, 20*time.Millisecond<<min(attempt, 10))
	return whole/2 + rand.N(whole/2)
}

// pause reports whether ctx has not ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
