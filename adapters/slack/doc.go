// Package slack is the adapter for Slack: one workspace app, one channel in which every conversation is a thread.
//
// The map, in the order in which a message travels:
//
//	in    socket, http    envelopes by Socket Mode or by signed HTTP, and how they are acknowledged
//	      wire, decode    from Slack's JSON to a happening, with our own small structs
//	      dispatch        each thread in its own order, threads beside each other
//	      people, text    names and pictures of agents; what a message says
//	      interact        buttons of the card
//	      health          what is reported of the endpoint
//	out   render, card    from a delivery to parts, without I/O
//	      send, upload    one part at a time
//	      failures        what an unaccepted part means
//	back  find, history   what Slack already has
//	      source          files that agents attached
//	      manifest        the Slack app that all this needs
//
// refs holds the forms of ThreadRef and MessageRef, which are stored. Slack's own pages are cited as
// S:path, short for https://docs.slack.dev/path.
package slack
