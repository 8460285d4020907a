// Package discordtest is a small, strict simulator of Discord: a real HTTP and WebSocket server on loopback with the
// state of one guild, one installed application, and a script through which a test or a demonstration acts as the
// people in it.
//
// It answers the subset of the REST API that a support bridge uses, under /api/v9 and /api/v10, serves the gateway and
// the files, and refuses what Discord refuses. Given the official OpenAPI description (see LoadSpec), it checks every
// request and every answer of its own against it and keeps what was wrong (see Server.Violations). Where Discord's
// documentation and practice leave a choice, the stricter one is taken and the comment says so.
//
// A Server is built from Options, started, scripted and inspected:
//
//	s := discordtest.New(discordtest.Options{
//		Users:    []discordtest.User{{ID: "1001", Username: "ana"}},
//		Channels: []discordtest.Channel{{ID: "2001", Name: "desk"}},
//	})
//	if err := s.Start(); err != nil { … }
//	defer s.Close()
//	// the client's base is s.URL(), its token s.Options().Token
//	id, err := s.Say("1001", "2001", "hello **there**")
//
// The map of the package: server (life), routes, rest and errors (one request from bytes to answer), spec (the official
// description), content, components, embeds, mentions and uploads (what a message may be), messages, reactions, pins,
// channels, threads, threadmembers, permissions, guild, webhooks, webhookmessages, commands, interactions and modals (what each
// call does), state and wire (what is kept, how it looks as JSON), oauth (who signs in elsewhere), gateway, session and events (from a happening to a
// frame), limits, faults and gatewayfaults (what goes wrong on request), script, scriptplaces, commandevents and people
// (who acts), inspect and calls (looking on).
//
// All methods of Server may be called concurrently. Functions given to the simulator (conditions, fault predicates)
// must not call back into it, except for Options.OnCall, which runs outside its lock.
package discordtest
