package webtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	silence     = 40 * time.Second // the server says something at least every 25 s
	readBuffer  = 1 << 10
	openingTime = 10 * time.Second
)

// Stream, called once at a time, follows the conversation until ctx ends, beginning again after the last entry heard whenever the connection
// is lost. It returns early only when the server refuses for good or breaks its promise; then Broken says how.
func (v *Visitor) Stream(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		before := v.Last()
		err := v.listen(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if broken := v.Broken(); broken != nil {
			return broken
		}
		if p, ok := errors.AsType[*Problem](err); ok && !p.passing() {
			return fmt.Errorf("stream: %w", err)
		}
		if v.Last() > before {
			attempt = 0
		}
		v.turnAway()
		pause(ctx, backoff(attempt))
	}
}

// listen reads one connection to its end. A connection of our own instead of a http.Client's: that would hold two
// goroutines and 8 KiB of buffers for each visitor.
func (v *Visitor) listen(ctx context.Context) error {
	address, err := url.Parse(v.server() + "stream")
	if err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: openingTime}
	conn, err := dialer.DialContext(ctx, "tcp", address.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()

	lines, err := v.ask(conn, address)
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.connected++
	v.wakeLocked()
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		v.connected--
		v.mu.Unlock()
	}()
	return v.events(conn, lines)
}

// ask returns the lines of the answer, which end with the connection.
func (v *Visitor) ask(conn net.Conn, address *url.URL) (*bufio.Reader, error) {
	r := &http.Request{Method: http.MethodGet, URL: address, Host: address.Host, Header: http.Header{}}
	v.headers(r.Header)
	r.Header.Set("Accept", "text/event-stream")
	if last := v.Last(); last > 0 {
		r.Header.Set("Last-Event-ID", strconv.FormatInt(last, 10))
	}
	_ = conn.SetDeadline(time.Now().Add(openingTime))
	if err := r.Write(conn); err != nil {
		return nil, err
	}
	lines := bufio.NewReaderSize(conn, readBuffer)
	answer, err := http.ReadResponse(lines, r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		defer answer.Body.Close()
		return nil, asProblem(answer)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		return nil, fmt.Errorf("a stream of type %q", kind)
	}
	_ = conn.SetDeadline(time.Time{})
	if len(answer.TransferEncoding) > 0 || answer.ContentLength >= 0 {
		lines = bufio.NewReaderSize(answer.Body, readBuffer) // a proxy has framed it
	}
	return lines, nil
}

// events reads server-sent events. One that was cut off by the end of the connection did not happen.
func (v *Visitor) events(conn net.Conn, lines *bufio.Reader) error {
	var kind, id string
	var data []byte
	for {
		_ = conn.SetReadDeadline(time.Now().Add(silence))
		line, err := readLine(lines)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			if err := v.event(kind, id, data); err != nil {
				return err
			}
			kind, id, data = "", "", nil
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			kind = string(value)
		case "id":
			id = string(value)
		case "data":
			data = append(data, value...)
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = bytes.Clone(line)
		var rest []byte
		rest, err = r.ReadBytes('\n')
		line = append(line, rest...)
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

func (v *Visitor) event(kind, id string, data []byte) error {
	switch kind {
	case "":
		return nil
	case "entry":
	default:
		if v.Signal != nil {
			v.Signal(kind, bytes.Clone(data))
		}
		return nil
	}
	var e Entry
	if err := json.Unmarshal(data, &e); err != nil {
		return v.breaks("an entry that is not one: %v", err)
	}
	if id != strconv.FormatInt(e.Seq, 10) {
		return v.breaks("entry %d has the id %q", e.Seq, id)
	}
	if v.Heard != nil {
		v.Heard(e)
	}
	return v.append(e)
}
