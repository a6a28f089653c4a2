package ui

import "grapevine/wasm/api"

// Msg is something that happened: a frame of the engine (api.Hello, api.Opened,
// api.Status, api.Inspection, api.Problem) or one of the following.
type Msg any

// What the visitor did, and what came back from an Effect.
type (
	// AddressChanged: Back, Forward, a lab's link, or a typed address. Link is
	// the fragment without its '#'.
	AddressChanged struct{ Link string }

	TypeParam struct{ Name, Text string } // a text field, at each key
	SetParam  struct{ Name, Text string } // a choice or a switch: at once
	TypeSeed  struct{ Text string }
	NewLuck   struct{}
	LuckDrawn struct{ Seed uint64 }
	Settled   struct{ Edits int } // nothing was typed for a while
	Defaults  struct{}            // all parameters back to the lab's defaults

	TogglePlay struct{}
	StepOnce   struct{}
	Restart    struct{}
	SpeedTo    struct{ Stop int }
	SpeedBy    struct{ Stops int }
	ScrubTo    struct{ At int64 }
	ScrubBy    struct{ Percent int64 } // of the run's length, by the arrow keys
	ScrubTick  struct{}
	ScrubEnd   struct{}

	// Zoom: the sequence view's stretch of time, so many steps longer; 0 to let
	// it follow the speed.
	Zoom struct{ Steps int }

	// Picked: the stage was clicked. Kind is "node", "packet" or "none".
	Picked struct {
		Kind string
		ID   uint64
	}
	TypeNode struct{ Text string }
	PickText struct{}
	PairUp   struct{} // the next node picked is the other end of a link
	Unpair   struct{}
	Deed     struct{ Form string } // an api.Deed's Form
	Follow   struct{ Packet uint64 }
	MarkSpan struct{ Offset, Length int }

	ShowPanel  struct{ Panel Panel } // the open one again folds it
	FoldLeft   struct{}
	ShowLegend struct{} // on a phone; once more folds it
	SetLang    struct{ Lang Lang }
	SetTheme   struct{ Theme Theme }
	Presented  struct{}
	AskHelp    struct{}
	Skip       struct{} // to the transport bar
	Dismiss    struct{}
	Escape     struct{}

	Copy    struct{ What Share }
	DidCopy struct {
		What Share
		OK   bool
	}
	CopyFaded struct{}

	LessonCame struct {
		For  string
		Text string
		OK   bool
	}
	RetryLesson struct{}

	Narrate struct{} // time to tell screen readers how it stands
)

// Effect is something to be done outside of the model.
type Effect any

// The effects.
type (
	Send       struct{ Command api.Command }
	PushURL    struct{ Link string } // a new entry in the history
	ReplaceURL struct{ Link string }
	// After sends Msg back in Millis milliseconds of real time.
	After struct {
		Millis int
		Msg    Msg
	}
	DrawLuck    struct{} // answered by LuckDrawn
	FetchLesson struct{ For string }
	CopyText    struct {
		What Share
		Text string
	}
	// SelectOnStage tells the renderer what is picked; -1 and 0 for none.
	SelectOnStage struct {
		Node, Second int
		Packet       uint64
	}
	Remember struct{ Name, Value string } // in the browser, for the next visit
	Focus    struct{ ID string }
	Reveal   struct{} // scroll the lit bytes into sight
)
