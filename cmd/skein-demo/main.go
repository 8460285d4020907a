// Command skein-demo is Skein beside simulated platforms, in one process and without any account: a page with a shop and
// its widget, a customer's Telegram, and the team's Slack and Discord side by side. The adapters reach the simulators as
// they would reach the real platforms, by HTTP and WebSocket on loopback.
//
// Conversations of the shop open in Slack, those of Telegram in Discord. With -both, or once the page has been opened as
// /demo/?both, new ones open in both; opened as /demo/, the page turns that off again. Conversations stay where they are.
//
// The shop's visitors use the widget or the visitor API of the endpoint "website". Whoever uses a chat client has two
// calls:
//
//	GET  /demo/state   what the clients show
//	POST /demo/act     what a person does there
//
// An act is a JSON object of at most 64 KiB, whose members are those of the type act in act.go:
//
//	{"platform": "slack", "place": "C0CUSTOMERS", "thread": "1795642538.054417", "as": "ana",
//	 "do": "say", "text": "Two are left."}
//
// platform is slack, discord or telegram. place is a channel or a thread; in Telegram, where everyone has one chat, it may
// be left out. as is ana (Slack and Discord, one agent), ben (Slack), chloe (Discord), zoe (Slack and Discord, not in the
// team), visitor or oskar (Telegram). do is one of
//
//	say      text, in the place or its thread; in Discord and Telegram as an answer to the message target, if there is one
//	edit     text is what becomes of the message target
//	delete   the message target
//	react    text names the emoji under the message target, as Slack calls it; again takes it back
//	press    value names the button of the message target by id, value or label, or a line of the message's menu, such as
//	         "Take back"; text is the option of a menu. target is also a form, or "home", the app's home in Slack
//	command  text is a slash command: "/skein help" in a channel of Slack, "/take" in a thread of Discord, "/start" in
//	         Telegram; in Discord, value holds its options as JSON, {"agent": "Chloe Martin"}, or they follow the command
//	upload   value is the file's name, text its content, as it is or as a data: URL
//	submit   fills in the form that the person has open, by a JSON object of texts in value, and sends it; to press with
//	         such a value is the same. Fields go by name or label, what is chosen by its value or label
//	dismiss  closes the form that is open, or puts away the message target that only this person sees
//	suggest  asks what fits what is typed: text in the field value of the form in Slack; in Discord text is the command so
//	         far, and value its option. The answer has options
//	open     opens the app's home in Slack
//
// A larger file is sent as multipart/form-data of at most 10 MiB: the field act with the JSON, and the field file. The
// answer is {"id": …} with the message that was made or touched, or a problem document (RFC 9457). What only one person
// sees, as answers of the app, forms and its home, names them in the state's member only.
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
