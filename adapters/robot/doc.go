// Package robot has the engines that answer visitors, behind [bridge.RobotEngine].
//
//	knowledge   no model: gives the team's own answer when it is clearly meant, else a choice, else nothing
//	openai      any server of OpenAI's chat completions: writes an answer out of the team's knowledge
//	prompt      what such a model is told, and how what people wrote is kept apart from that
//	stream      reading what it writes
//	verify      believing it only as far as it rests on the team's knowledge
//	webhook     the team's own bot, by signed requests
//	call        one request, and what its failures mean
//
// An engine fails with a *bridge.Failure: Retry where another try may help (it is away, stalls, breaks off or talks
// nonsense), Wait where it says so, GiveUp and Refused where a person must change the configuration. An answer that was
// given but must not be passed on is no failure: it is Unsure, and Why tells agents why.
package robot
