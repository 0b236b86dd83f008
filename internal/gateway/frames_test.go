package gateway_test

import "testing"

// TestFramesAreMadeUpForTheOwner: an annotation says how many frames a video has, and each
// is a copy of what stands in the one before.
func TestFramesAreMadeUpForTheOwner(t *testing.T) {
	w := newWorld(t)
	const export = "/api/projects/1/export?exportType=JSON"
	for _, who := range []string{"mia", "adm", "owner"} {
		owner := who == "owner"
		for _, on := range []string{"true", "1", "yes", "on", "True"} {
			w.fake.taken()
			if got := w.get(who, export+"&interpolate_key_frames="+on); (got.status == 400) == owner {
				t.Errorf("%s, %s: %d %s", who, on, got.status, got.body)
			}
			for _, written := range []string{on, `"` + on + `"`} {
				got := w.send(who, "POST", "/api/projects/1/exports/",
					`{"serialization_options":{"interpolate_key_frames":`+written+`}}`)
				if valid := written != "yes" && written != "on" && written != "True"; valid && (got.status == 400) == owner {
					t.Errorf("%s, a snapshot, %s: %d %s", who, written, got.status, got.body)
				}
			}
		}
		if got := w.send(who, "POST", "/api/projects/1/exports/",
			`{"serialization_options":{"interpolate_key_frames":false}}`); got.status >= 400 {
			t.Errorf("%s, a plain snapshot: %d %s", who, got.status, got.body)
		}
		w.fake.taken()
		if got := w.get(who, export); got.status != 200 || !owner && w.lastQuery()["interpolate_key_frames"] != "false" {
			t.Errorf("%s, plainly: %d %s", who, got.status, got.body)
		}
	}
}
