package website

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// stream is one visitor's program listening.
type stream struct {
	conn   net.Conn
	reader *reader
	place  string // the address it counts for
	last   int64  // everything up to this entry has been told; only the reader's run touches it
	placed bool   // last is known to be of the visitor's conversation; likewise
	byte   [1]byte
}

// getStream takes the connection over from net/http, whose buffers and goroutine would cost an idle visitor several
// times what we need. What is read of the log is read afterwards, by the reader: first listen, then look.
func (a *Adapter) getStream(w http.ResponseWriter, r *http.Request, v visitor) error {
	if r.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, "method", "A stream is read with GET.")
	}
	given := r.Header.Get("Last-Event-ID") // set by the browser when it reconnects: newer than the address
	if given == "" {
		given = r.URL.Query().Get("after")
	}
	after, err := number("Last-Event-ID or after", given, 0)
	if err != nil {
		return err
	}
	place := strings.Clone(a.address(r))
	if err := a.streams.reserve(place); err != nil {
		return err
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		a.streams.unreserve(place)
		if errors.Is(err, http.ErrNotSupported) {
			return refuse(http.StatusHTTPVersionNotSupported, "http_version", "A stream needs HTTP/1.1.")
		}
		return err
	}
	s := &stream{conn: conn, place: place, last: after}
	if !s.write(streamHead(w.Header())) {
		a.streams.unreserve(place)
		return nil
	}
	a.streams.add(s, v.thread())
	return nil
}

// streamHead is the response head and the first lines of the body, which ends with the connection. headers are those
// decided on before.
func streamHead(headers http.Header) []byte {
	headers.Set("Content-Type", "text/event-stream")
	headers.Set("Cache-Control", "no-cache, no-transform")
	headers.Set("X-Accel-Buffering", "no") // nginx passes every event on at once
	headers.Set("Connection", "close")
	headers.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	var b strings.Builder
	b.WriteString("HTTP/1.1 200 OK\r\n")
	_ = headers.Write(&b) // a Builder does not fail; Write keeps line ends out of values
	b.WriteString("\r\nretry: 2000\n\n")
	return []byte(b.String())
}

// write reports whether the client has taken the bytes. A client that has not is cut off: after half an event nothing
// may follow, and it will come back for the rest.
func (s *stream) write(p []byte) bool {
	if len(p) == 0 {
		return true
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeTime)) // fails only on a closed connection, as Write then does
	if _, err := s.conn.Write(p); err != nil {
		_ = s.conn.Close()
		return false
	}
	return true
}

// watch waits for the end of the connection. A client has nothing to say on it, so whatever it says is the end too.
func (s *stream) watch() {
	_, _ = s.conn.Read(s.byte[:])
	_ = s.conn.Close()
	s.reader.f.remove(s)
}
