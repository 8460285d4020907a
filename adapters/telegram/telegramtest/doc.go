// Package telegramtest is a small, strict simulator of the Telegram Bot API: a real HTTP server on
// loopback with the state of one bot and the people and groups around it, and a script through
// which a test or a demonstration acts as those people.
//
// It answers the subset of the Bot API that a support bridge uses, keeps updates for getUpdates or
// posts them to a webhook, and refuses what Telegram refuses, in Telegram's words. Where practice
// leaves a choice, the stricter one is taken and the comment says so.
//
// A Server is built from Options, started, scripted and inspected:
//
//	s := telegramtest.New(telegramtest.Options{
//		Users: []telegramtest.User{{ID: 7, FirstName: "Vera", Language: "de"}},
//	})
//	if err := s.Start(); err != nil { … }
//	defer s.Close()
//	bot, err := tgbotapi.NewBotAPIWithAPIEndpoint(s.Options().Token, s.URL()+"/bot%s/%s")
//	id, err := s.Say(7, 7, "hello")
//
// With Options.Spec every request and every answer is compared with the official machine-readable
// description of the API; Violations lists what differed.
//
// The map of the package: server (life, routes), call and api (from bytes to an answer), spec (the
// checker), methods_* (what each method does), text (entities), media and files (what is sent as a
// file), state and wire (what is kept, how it looks as JSON), updates and webhook (how happenings reach the
// bot), limits and faults (what goes wrong on request), script and happenings (people), inspect (looking on).
//
// All methods of Server may be called concurrently. Functions given to the simulator (hooks,
// conditions, fault predicates) must not call back into it, except for Options.OnCall, which runs
// outside its lock.
package telegramtest
