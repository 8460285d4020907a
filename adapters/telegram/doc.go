// Package telegram is the adapter for Telegram: one bot, to which visitors write in private chats.
//
// The map, in the order in which a message travels:
//
//	in    poll, webhook   updates by getUpdates or by Telegram's calls to us, and how they are confirmed
//	      wire, decode    from Telegram's JSON to a happening, with our own small structs
//	      content, kinds  what a message of each kind says, and which files it has
//	      dispatch        each chat in its own order, chats beside each other; albums put together
//	      albums, swaps   what is remembered of albums, and of files that an edit replaces
//	      notices         what the bot says by itself
//	out   render          from a delivery to parts, without I/O
//	      send, upload    one part at a time
//	      failures        what an unaccepted part means
//	back  source          files that visitors sent
//	      examine         proof that token and webhook are as they should be
//
// client makes the calls: the library carries them, and nothing of it decides about retries, time or what is logged.
// refs holds the forms of ThreadRef and MessageRef, which are stored. Telegram's page of the Bot API is cited as
// T:section, short for https://core.telegram.org/bots/api#section; B:file is the source of Telegram's own server for it,
// https://github.com/tdlib/telegram-bot-api.
package telegram
