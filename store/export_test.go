package store

import (
	"testing"

	"github.com/skeindesk/skein/bridge"
)

// RawGroupCommit returns the barest durable insert: one row, through the same group commit.
func RawGroupCommit(b *testing.B, address string) func(v, n int) error {
	s, err := Open(b.Context(), address, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	write := func(query string, args ...any) error {
		return s.writer.write(b.Context(), whole, func(h handle) error {
			_, err := h.exec(query, args...)
			return err
		})
	}
	if err := write(`CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, visitor BIGINT, text TEXT)`); err != nil {
		b.Fatal(err)
	}
	return func(v, n int) error {
		return write(`INSERT INTO raw (visitor, text) VALUES (?, ?)`, v, "Hello, where is my order? I bought it two weeks ago.")
	}
}

// Payloads is payloads.
func Payloads(instance string, ids []bridge.ConversationID) []string { return payloads(instance, ids) }

// ConversationsOf reads a payload as this instance.
func ConversationsOf(instance, payload string) []bridge.ConversationID {
	return (&Notifier{instance: instance}).conversationsOf(payload)
}

// RawRow returns the barest durable insert on PostgreSQL: one prepared row, one commit.
func RawRow(b *testing.B, address string) func(v, n int) error {
	s, err := Open(b.Context(), address, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	write := func(query string, args ...any) error {
		return s.writer.write(b.Context(), single, func(h handle) error {
			_, err := h.exec(query, args...)
			return err
		})
	}
	if err := write(`CREATE TABLE IF NOT EXISTS raw (id BIGSERIAL PRIMARY KEY, visitor BIGINT, text TEXT)`); err != nil {
		b.Fatal(err)
	}
	return func(v, n int) error {
		return write(`INSERT INTO raw (visitor, text) VALUES (?, ?)`, v, "Hello, where is my order? I bought it two weeks ago.")
	}
}
