package main

import (
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// paritySteps is the script of TestParity.
func paritySteps() []step {
	return slices.Concat(stateSteps(), lineSteps(), quickSteps(), customerSteps(), languageSteps(), teamSteps())
}

func stateSteps() []step {
	return []step{
		{word: "take", state: bridge.StateAssigned},
		{word: "take", note: "twice", before: []string{"ana: !take"}, want: "This conversation is already yours.", state: bridge.StateAssigned},
		{word: "take", note: "over", before: []string{"ben: !take"}, state: bridge.StateAssigned},
		{word: "take", note: "by a stranger", by: "zoe", want: "the team", loose: true, state: bridge.StateUnassigned},
		{word: "assign", rest: "ben", fields: map[string]string{"agent": "ben"}, state: bridge.StateAssigned},
		{word: "assign", note: "nobody", rest: "somebody", want: "nobody in the team is called that", loose: true, state: bridge.StateUnassigned, only: "text"},
		{word: "unassign", before: []string{"ana: !take"}, state: bridge.StateUnassigned},
		{word: "unassign", note: "nobody's", want: "Nobody owns this conversation.", state: bridge.StateUnassigned},
		{word: "close", state: bridge.StateClosed},
		{word: "close", note: "with words", rest: "Good bye", fields: map[string]string{"words": "Good bye"}, state: bridge.StateClosed, visitor: []string{"Good bye"}},
		{word: "reopen", before: []string{"ana: !close"}, state: bridge.StateAssigned},
		{word: "reopen", note: "what is open", want: "This conversation is open.", state: bridge.StateUnassigned, only: "text"},
	}
}

func lineSteps() []step {
	return []step{
		{word: "reply", rest: "Of course", fields: map[string]string{"words": "Of course"}, state: bridge.StateAssigned, visitor: []string{"Of course"}},
		{word: "note", rest: "He is rude", fields: map[string]string{"words": "He is rude"}, state: bridge.StateUnassigned},
		{word: "recall", before: []string{"ana: Wrong"}, on: "own", state: bridge.StateAssigned, visitor: []string{"Wrong"}},
		{word: "recall", note: "the last line", before: []string{"ana: Right", "ana: Wrong"}, state: bridge.StateAssigned, visitor: []string{"Right", "Wrong"}},
		{word: "recall", note: "nothing", want: "No line of yours is left here that could be taken back.", state: bridge.StateUnassigned},
		{word: "send", before: []string{"ben: !take", "ana: Hello there"}, state: bridge.StateAssigned, visitor: []string{"Hello there"}},
		{word: "send", note: "nothing", want: "No line of yours is held back here. Only who has written a line can send it.", state: bridge.StateUnassigned},
		{word: "keep", before: []string{"ben: !take", "ana: Hello there"}, state: bridge.StateAssigned},
		{word: "frobnicate", rest: "now", only: "text", want: "that is not a command", loose: true, state: bridge.StateUnassigned},
		{word: "help", want: "make the conversation yours", loose: true, state: bridge.StateUnassigned},
		{word: "list", want: "website", loose: true, state: bridge.StateUnassigned},
	}
}

func quickSteps() []step {
	named := func(shortcut string) map[string]string { return map[string]string{"reply": shortcut} }
	const hello = "ana: !qr add hello Good day"
	return []step{
		{word: "qr add", rest: "hello Good day", fields: map[string]string{"shortcut": "hello", "text": "Good day"}, want: "hello", loose: true, state: bridge.StateUnassigned},
		{word: "qr", before: []string{hello}, rest: "helo", fields: named("helo"), want: "Good day", loose: true, state: bridge.StateUnassigned},
		{word: "qr", note: "what nobody has", rest: "xyzzyplugh", want: "no quick reply is like that", loose: true, state: bridge.StateUnassigned, only: "text"},
		{word: "qr send", before: []string{hello}, rest: "hello", fields: named("hello"), state: bridge.StateAssigned, visitor: []string{"Good day"}},
		{
			word: "qr edit", before: []string{hello, "ana: !qr edit hello Good day"}, rest: "hello Good evening", fields: named("hello"),
			form: map[string]string{"text": "Good evening"}, want: "Changed: hello. Write #hello to send it.", state: bridge.StateUnassigned,
		},
		{
			word: "qr edit", note: "what nobody has", rest: "nosuchthing Good evening", only: "text", state: bridge.StateUnassigned,
			want: "Nothing was done: there is no quick reply with that shortcut. Write !qr list to see them.",
		},
		{word: "qr list", before: []string{hello}, want: "hello", loose: true, state: bridge.StateUnassigned},
		{word: "qr at-once", rest: "off", fields: map[string]string{"at-once": "off"}, want: "every quick reply is shown to you", loose: true, state: bridge.StateUnassigned},
		{word: "qr remove", before: []string{hello}, rest: "hello", fields: named("hello"), want: "hello", loose: true, state: bridge.StateUnassigned},
	}
}

func customerSteps() []step {
	return []step{
		{word: "info", want: "visitor", loose: true, state: bridge.StateUnassigned},
		{word: "edit", rest: "email=vera@example.org", fields: map[string]string{"email": "vera@example.org"}, state: bridge.StateUnassigned},
		{word: "tag", rest: "vip", fields: map[string]string{"words": "vip"}, want: "vip", loose: true, state: bridge.StateUnassigned},
		{word: "block", state: bridge.StateUnassigned},
		{word: "unblock", before: []string{"ana: !block"}, state: bridge.StateUnassigned},
		{word: "earlier", want: "conversation", loose: true, state: bridge.StateUnassigned},
		{word: "why", note: "nothing", want: "Nothing has been said to the visitor yet.", state: bridge.StateUnassigned},
		{word: "retry", note: "nothing", want: "There is no line here", loose: true, state: bridge.StateUnassigned},
		{word: "drop", note: "nothing", want: "There is no line here", loose: true, state: bridge.StateUnassigned},
	}
}

func languageSteps() []step {
	const none = "Nothing is translated here: no translator is configured (translator: in skein.yaml)."
	return []step{
		{word: "lang", rest: "Spanish", fields: map[string]string{"language": "Spanish"}, want: "The visitor speaks Spanish.", state: bridge.StateUnassigned},
		{word: "lang", note: "what nobody speaks", rest: "xyzzy", fields: map[string]string{"language": "xyzzy"}, want: "Nothing was changed: write a language", loose: true, state: bridge.StateUnassigned},
		{word: "translate", want: none, state: bridge.StateUnassigned},
		{word: "auto", rest: "on", fields: map[string]string{"translation": "on"}, want: none, state: bridge.StateUnassigned},
		{word: "preview", rest: "Good day", fields: map[string]string{"words": "Good day"}, want: none, state: bridge.StateUnassigned},
		{word: "robot", rest: "on", fields: map[string]string{"robot": "on"}, want: "There is no robot here", loose: true, state: bridge.StateUnassigned},
		{word: "draft", rest: "send", fields: map[string]string{"words": "send"}, want: "The robot proposes nothing here.", state: bridge.StateUnassigned},
		{word: "learn", want: "There is no robot here", loose: true, state: bridge.StateUnassigned},
	}
}

func teamSteps() []step {
	agent := func(name string, more ...string) map[string]string {
		fields := map[string]string{"agent": name}
		for i := 0; i < len(more); i += 2 {
			fields[more[i]] = more[i+1]
		}
		return fields
	}
	return []step{
		{word: "who", want: "ana", loose: true},
		{word: "team", want: "ben", loose: true},
		{word: "off", before: []string{"ana: !on"}, want: "off duty", loose: true},
		{word: "on", before: []string{"ana: !off"}, want: "on duty", loose: true},
		{word: "hours", rest: "none", fields: map[string]string{"hours": "none"}, want: "hours", loose: true},
		{word: "capacity", rest: "20", fields: map[string]string{"capacity": "20"}, want: "20", loose: true},
		{word: "languages", rest: "en de", fields: map[string]string{"languages": "en de"}, want: "de", loose: true},
		{word: "name", rest: "Ana", fields: map[string]string{"name": "Ana"}, want: "Ana", loose: true},
		{word: "picture", rest: "none", fields: map[string]string{"picture": "none"}, want: "picture", loose: true},
		{word: "link", want: "join", loose: true, only: "native"},
		{word: "link", note: "as text", want: "only you will", loose: true, only: "text"},
		{word: "login", want: "workbench", loose: true, only: "native"},
		{word: "login", note: "as text", want: "for you alone", loose: true, only: "text"},
		{word: "invite", want: "join", loose: true, only: "native"},
		{word: "invite", note: "as text", want: "only you will", loose: true, only: "text"},
		{word: "invite", note: "by somebody who may not", by: "ben", want: "admin", loose: true},
		{word: "join", rest: "nonsense", by: "zoe", fields: map[string]string{"code": "nonsense"}, want: "code", loose: true},
		{word: "role", rest: "ben admin", fields: agent("ben", "role", "admin"), want: "admin", loose: true},
		{word: "role", note: "by somebody who may not", by: "ben", rest: "ana agent", fields: agent("ana", "role", "agent"), want: "owner", loose: true},
		{word: "remove", note: "a stranger", rest: "zoe", want: "nobody in the team is called that", loose: true, only: "text"},
		{word: "remove", note: "by somebody who may not", by: "ben", rest: "ana", fields: agent("ana"), want: "admin", loose: true},
	}
}
