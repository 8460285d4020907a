// Package slack is the adapter for Slack: one workspace app, one channel in which every conversation is a thread.
//
// The map, in the order in which a message travels:
//
//	in    socket, http    envelopes by Socket Mode or by signed HTTP, and how they are acknowledged
//	      wire, decode    from Slack's JSON to a happening, with our own small structs
//	      dispatch        each thread in its own order, threads beside each other
//	      people, text    names and pictures of agents; what a message says
//	      interact        what people press, choose in the menu of a message, and submit
//	      slash, suggest  slash commands; lists that are typed into
//	      form, submitted a form as a modal, and as it comes back
//	      offers, subject buttons, and what travels through Slack with them and with forms
//	      tell            what only the person who asked is told
//	      home, homes     the four lists in the app's home; who has it open
//	      vocabulary      the words that Slack is told of
//	      health          what is reported of the endpoint
//	out   render, card    from a delivery to parts, without I/O
//	      send, upload    one part at a time
//	      failures        what an unaccepted part means
//	back  find, history   what Slack already has
//	      source          files that agents attached
//	      colleagues    the shared channel: reactions, threads, reading it back
//	      manifest        the Slack app that all this needs; examine proves that it is there
//
// refs holds the forms of ThreadRef and MessageRef, which are stored. Slack's own pages are cited as
// S:path, short for https://docs.slack.dev/path.
package slack
