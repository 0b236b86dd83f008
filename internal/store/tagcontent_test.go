package store

import (
	"encoding/json"
	"testing"
)

// TestJobsOfAnOlderRoster: one that waits over an update is done.
func TestJobsOfAnOlderRoster(t *testing.T) {
	for text, everybody := range map[string]int{
		`[{"Email":"ann@example.com","Labels":["night"]}]`:                              0,
		`{"Rows":[{"Email":"ann@example.com","Labels":["night"]}],"Everybody":["day"]}`: 1,
	} {
		var c tagContent
		if err := json.Unmarshal([]byte(text), &c); err != nil || len(c.Rows) != 1 || c.Rows[0].Labels[0] != "night" ||
			len(c.Everybody) != everybody {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
}
