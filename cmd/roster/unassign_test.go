package main

import (
	"strings"
	"testing"

	"roster"
	"roster/client"
)

// TestDescribeMade: a preview in words names what would be disabled, and how to
// leave it at work.
func TestDescribeMade(t *testing.T) {
	v := client.Preview{Count: 1, Made: &client.MadeBy{Tabs: 2, Things: []client.Made{
		{Kind: roster.MadeWebhook, UpstreamID: 12, Location: "https://example.com\x1b[2J"},
		{Kind: roster.MadeExport, UpstreamID: 3, Location: "bucket"},
	}}}
	got := describe(client.Project{ID: 1, Title: "Signs"}, v, "Would remove")
	for _, want := range []string{"2 things that they made would be disabled, unless --keep-made is given:",
		"\n  webhook 12 https://example.com", "\n  export storage 3 bucket", "2 saved tabs of theirs would stay."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("an address moves the cursor")
	}
}
