// Package discord is the adapter for Discord: one bot on one server, one channel in which every conversation is a thread
// or, where the channel is a forum, a post.
//
// The map, in the order in which a message travels:
//
//	in    receive, link     connections to the gateway, one at a time, each watched and replaced when it goes silent
//	      sieve             what the library is shown of it
//	      wire, decode      from Discord's JSON to a happening, with our own small structs
//	      text, people      what a message says, and who said it
//	      interact, answer  buttons, slash commands and forms, and what the person is told; late: what comes too late
//	      commands, suggest the words as Discord is told of them, and what fits while somebody types
//	      form, buttons     how they are shown; handle: what comes back of it
//	      health            what is reported of the endpoint
//	out   render, card      from a delivery to parts, without I/O
//	      send, upload      one part at a time
//	      open, desk        the card, its thread or post, the forum's tags, room for another thread
//	      api, transport    calls: their pace as Discord's headers ask for it, and nothing repeated
//	      failures          what an unaccepted part means
//	both  colleagues        the shared channel of colleagues
//	back  find, history     what Discord already has
//	      source            files that agents attached
//	      examine           proof that token, intent, channels and permissions are as they should be
//
// # Who speaks
//
// A bot has one name and one picture, and a webhook, which could have others, cannot be asked not to post twice. So a
// line of what a visitor, a robot or a colleague elsewhere says names them, and beneath it stands an embed with their
// picture, in which quality or where they speak, and a colour for that. The text is no embed: phones show nothing of one in their
// notifications, and people who have switched previews of links off do not see it at all. Its links stand in angle
// brackets, which keeps their previews away. The embed has an address that nobody sees without a title: there the part's
// mark is, by which Find knows it again after the nonce is forgotten. No part of what is posted calls anybody, but for
// colleagues who are meant.
//
// refs holds the forms of ThreadRef and MessageRef, which are stored. Discord's own pages are cited as
// D:path, short for https://docs.discord.com/developers/path.
package discord
