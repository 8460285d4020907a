package config

import (
	"fmt"
	"log/slog"
)

// Secret is a value that is never shown: printing, logging or encoding it gives [secret]. Convert it to a string
// where it is used. Keep it in exported fields: package fmt cannot ask a value in an unexported one how to print it.
type Secret string

const hidden = "[secret]"

// String implements [fmt.Stringer].
func (Secret) String() string { return hidden }

// GoString implements [fmt.GoStringer].
func (Secret) GoString() string { return hidden }

// Format implements [fmt.Formatter]: without it a wrong verb would print the value.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON implements [json.Marshaler].
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText implements [encoding.TextMarshaler], for every other encoding.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
