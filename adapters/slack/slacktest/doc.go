// Package slacktest is a small, strict simulator of Slack: a real HTTP and WebSocket server on
// loopback with the state of one workspace, one installed app, and a script through which a test
// or a demonstration acts as the people in it.
//
// It answers the subset of the Web API that a support bridge uses, delivers events by Socket Mode
// or by signed HTTP, and refuses what Slack refuses. Where Slack's documentation and practice
// leave a choice, the stricter one is taken and the comment says so.
//
// A Server is built from Options, started, scripted and inspected:
//
//	s := slacktest.New(slacktest.Options{
//		Users:    []slacktest.User{{ID: "UANA", Name: "ana"}},
//		Channels: []slacktest.Channel{{ID: "CDESK", Name: "desk", Members: []string{"UANA"}}},
//	})
//	if err := s.Start(); err != nil { … }
//	defer s.Close()
//	client := slack.New(s.Options().BotToken, slack.OptionAPIURL(s.URL()))
//	ts, err := s.Say("UANA", "CDESK", "", "hello *there*")
//
// The map of the package: server (life, routes), webapi (one call from bytes to answer), methods_*
// (what each method does), state and wire (what is kept, how it looks as JSON), events, socket,
// delivery and httpmode (from a happening to an acknowledged envelope), limits, faults and
// eventfaults (what goes wrong on request), script and interact (people), inspect (looking on).
//
// All methods of Server may be called concurrently. Functions given to the simulator (hooks,
// conditions, fault predicates) must not call back into it, except for Options.OnCall, which runs
// outside its lock.
package slacktest
