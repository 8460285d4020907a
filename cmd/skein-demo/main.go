// Command skein-demo is Skein beside simulated platforms, in one process and without any account: a page with a shop
// and its widget on one side, the team's chat on the other. See page.go for what it serves.
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
