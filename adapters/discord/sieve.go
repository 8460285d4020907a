package discord

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/skeindesk/skein/adapters/intake"
)

// The library decodes every event into structs of its own before it hands it on, and follows pointers in them that an
// event may leave nil: GUILD_CREATE with null for a body, or READY with null among its servers, ends the process from a
// goroutine of the library's (v0.29.0: setGuildIds, onVoiceStateUpdate, a frame that is null, a heartbeat without an
// interval). So it is shown what it needs to keep a session, and passes the rest through without knowing it.

// unknown goes before the name of an event, so that the library knows none of that name.
const unknown = "~"

// envelope is a message of the gateway (D:events/gateway-events#payload-structure).
type envelope struct {
	Op   int             `json:"op"`
	Seq  int64           `json:"s,omitempty"`
	Kind string          `json:"t,omitempty"`
	Data json.RawMessage `json:"d,omitempty"`
}

// sifted is what the library is shown of a message; nil of one that it does not need or that has no known form.
func sifted(message []byte) []byte {
	var e envelope
	if json.Unmarshal(message, &e) != nil {
		return nil
	}
	switch e.Op {
	case 0:
		if e.Kind == "" || e.Seq <= 0 {
			return nil
		}
		if e.Data = siftedEvent(e.Kind, e.Data); e.Kind != "READY" && e.Kind != "RESUMED" {
			e.Kind = unknown + e.Kind
		}
	case 10:
		e = envelope{Op: e.Op, Data: siftedHello(e.Data)}
	case 1, 7, 9, 11:
		return []byte(fmt.Sprintf(`{"op":%d}`, e.Op))
	default:
		return nil
	}
	if e.Data == nil {
		return nil
	}
	return encoded(e)
}

func siftedEvent(kind string, data json.RawMessage) json.RawMessage {
	switch kind {
	case "READY":
		var ready struct {
			Session     string               `json:"session_id"`
			Application lenient[application] `json:"application"`
		}
		if json.Unmarshal(data, &ready) != nil || ready.Session == "" {
			return nil
		}
		return encoded(readiness{ready.Session, ready.Application.V})
	case "RESUMED":
		return json.RawMessage(`{}`)
	}
	return data
}

// readiness is what we and the library need of READY.
type readiness struct {
	Session     string      `json:"session_id"`
	Application application `json:"application"`
}

type application struct {
	ID id `json:"id"`
}

func siftedHello(data json.RawMessage) json.RawMessage {
	var hello struct {
		Interval int64 `json:"heartbeat_interval"` // ms
	}
	if json.Unmarshal(data, &hello) != nil || hello.Interval <= 0 || hello.Interval > time.Hour.Milliseconds() {
		return nil
	}
	return encoded(hello)
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil // not with what was decoded before
	}
	return b
}

// dialer makes connections that go through a sieve, tell when something was read from them, and can be closed from outside.
func (l *link) dialer() *websocket.Dialer {
	through := func(scheme string) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, _, address string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				defer func() { _ = far.Close() }()
				err := intake.Guard(l.log, "a connection could not be read", func() error {
					return l.carry(ctx, scheme+"://"+address, far)
				})
				l.log.Debug("a connection ended", "error", bare(err))
			}()
			l.mu.Lock()
			defer l.mu.Unlock()
			l.conn = near
			if l.dead.Load() {
				_ = near.Close()
			}
			return near, nil
		}
	}
	return &websocket.Dialer{
		HandshakeTimeout: l.cfg.Timeout, NetDialContext: through("http"), NetDialTLSContext: through("https"),
	}
}

// carry makes the library's request for a connection, and carries what both sides say until one of them ends.
func (l *link) carry(ctx context.Context, address string, library net.Conn) error {
	said := bufio.NewReader(library)
	request, err := http.ReadRequest(said)
	if err != nil {
		return err
	}
	out, err := http.NewRequestWithContext(ctx, http.MethodGet, address+request.RequestURI, nil)
	if err != nil {
		return err
	}
	out.Host, out.Header = request.Host, request.Header
	answer, err := l.gateway.RoundTrip(out)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return answer.Write(library)
	}
	discord, ok := answer.Body.(io.ReadWriteCloser)
	if !ok {
		return errors.New("the connection cannot be written to")
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %s\r\n", answer.Status)
	_ = answer.Header.Write(&head) // a buffer takes everything
	head.WriteString("\r\n")
	if _, err := head.WriteTo(library); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(discord, said)
		_ = discord.Close()
	}()
	return sift(bufio.NewReader(watched{discord, l.touch}), library)
}

// watched tells when something was read.
type watched struct {
	io.Reader
	touch func()
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.touch()
	}
	return n, err
}

// Kinds of frames (RFC 6455, 5.2): from the first control frame on they stand for themselves, within messages too.
const (
	continuation = 0x0
	textFrame    = 0x1
	closeFrame   = 0x8
	lastFragment = 0x80
)

var errFrame = errors.New("a frame has no known form")

// sift copies a WebSocket from a server, and its messages as sifted leaves them, until it ends or is none.
func sift(from *bufio.Reader, to io.Writer) error {
	var message []byte
	for {
		kind, payload, err := readFrame(from, maxAnswer-len(message))
		if err != nil {
			return err
		}
		switch kind &^ lastFragment {
		case textFrame, continuation:
			message = append(message, payload...)
			if kind&lastFragment == 0 {
				continue
			}
			kind, payload, message = lastFragment|textFrame, sifted(message), nil
			if payload == nil {
				continue
			}
		default:
			if kind&^lastFragment < closeFrame {
				return errFrame // nothing binary was asked for
			}
		}
		if _, err := to.Write(appendFrame(nil, kind, payload)); err != nil {
			return err
		}
	}
}

// readFrame reads one frame. The first bit of its kind says that no other follows in its message.
func readFrame(from *bufio.Reader, longest int) (kind byte, payload []byte, err error) {
	var head, long [8]byte
	if _, err = io.ReadFull(from, head[:2]); err != nil {
		return 0, nil, err
	}
	kind = head[0]
	size := uint64(head[1])
	switch size {
	case 126:
		_, err = io.ReadFull(from, long[6:])
		size = binary.BigEndian.Uint64(long[:])
	case 127:
		_, err = io.ReadFull(from, long[:])
		size = binary.BigEndian.Uint64(long[:])
	}
	if err != nil {
		return 0, nil, err
	}
	const extended, masked = 0x70, 0x80 // neither was agreed on
	if kind&extended != 0 || head[1]&masked != 0 || size > uint64(max(longest, 0)) {
		return 0, nil, errFrame
	}
	var b bytes.Buffer                                        // grows with what comes, not with what is announced
	if _, err = io.CopyN(&b, from, int64(size)); err != nil { //nolint:gosec // at most longest
		return 0, nil, err
	}
	return kind, b.Bytes(), nil
}

func appendFrame(to []byte, kind byte, payload []byte) []byte {
	to = append(to, kind)
	switch n := len(payload); {
	case n < 126:
		to = append(to, byte(n))
	case n <= math.MaxUint16:
		to = binary.BigEndian.AppendUint16(append(to, 126), uint16(n))
	default:
		to = binary.BigEndian.AppendUint64(append(to, 127), uint64(n))
	}
	return append(to, payload...)
}
