// Command skein-demo is Skein beside simulated platforms, in one process and without any account: a page with a shop
// and its widget on one side, the team's chat on the other. The adapters reach the simulators as they would reach the
// real platforms, by HTTP and WebSocket on loopback.
//
// The shop's visitors use the widget or the visitor API of the endpoint "website". The team has two calls:
//
//	GET  /demo/state   what the clients show
//	POST /demo/act     what a person does there
//
// An act is a JSON object of at most 64 KiB, whose members are those of the type act in platform.go:
//
//	{"platform": "slack", "place": "C0CUSTOMERS", "thread": "1795642538.054417", "as": "ana",
//	 "do": "say", "text": "Two are left."}
//
// do is one of
//
//	say      text, in the place or its thread
//	edit     text is what becomes of the message target
//	delete   the message target
//	react    text names the emoji under the message target; again takes it back
//	press    value names the button of the message target by id, value or label; text is the option of a menu
//	command  text is a slash command, "/skein help"
//	upload   value is the file's name, text its content, as it is or as a data: URL
//
// A larger file is sent as multipart/form-data of at most 10 MiB: the field act with the JSON, and the field file. The
// answer is {"id": …} with the message that was made or touched, or a problem document (RFC 9457).
//
// The pictures of the documentation are drawn from this program:
//
//	go test ./cmd/skein-demo -run TestPictures -pictures docs/pictures
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
