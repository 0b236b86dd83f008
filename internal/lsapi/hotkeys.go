package lsapi

import (
	"encoding/json"

	"roster"
)

func hotkeyRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/current-user/hotkeys", do: does((*call).getHotkeys),
			summary: "Read my hotkeys", answer: "The hotkeys.",
			others: []answer{{status: 404, text: "There is no such project, or the caller may not see it."}},
		},
		{
			method: "PATCH", path: "/api/current-user/hotkeys", do: does((*call).patchHotkeys),
			summary: "Change my hotkeys", answer: "The hotkeys as they are now.",
			others: []answer{{status: 404, text: "There is no such project, or the caller may not see it."}},
		},
	}
}

// hotkeysRequest names the project whose hotkeys are meant; 0 is the account's.
type hotkeysRequest struct {
	Project int64 `query:"project,some" doc:"Those that the caller has in this project instead of the account's; empty where there are none."`
}

type hotkeysJSON struct {
	Hotkeys json.RawMessage `json:"custom_hotkeys"`
}

// getHotkeys answers with the caller's hotkeys, or with those that they have
// instead in the project that the query names, which may be none (contract 3.14).
func (c *call) getHotkeys(in hotkeysRequest) (hotkeysJSON, error) {
	if in.Project == 0 {
		u, _, err := c.app.Me(c.r.Context())
		return hotkeysJSON{hotkeysOf(u.CustomHotkeys)}, err
	}
	kept, err := c.app.ProjectHotkeys(c.r.Context(), in.Project)
	return hotkeysJSON{hotkeysOf(kept)}, err
}

// hotkeysOf is hotkeys as they are kept, on the wire; {} where there are none.
func hotkeysOf(kept string) json.RawMessage {
	if kept == "" {
		kept = "{}"
	}
	return shallow(kept, roster.MostNestedKeys, "{}")
}

type patchHotkeysRequest struct {
	hotkeysRequest
	Hotkeys keptJSON `body:"custom_hotkeys,null" doc:"Kept and given back; null empties them."`
}

func (in *patchHotkeysRequest) complete(r *request) { r.body().object("custom_hotkeys") }

// patchHotkeys replaces all of them at once.
func (c *call) patchHotkeys(in patchHotkeysRequest) (out hotkeysJSON, err error) {
	if err := c.setHotkeys(in.Project, in.Hotkeys.text); err != nil {
		return out, err
	}
	return c.getHotkeys(in.hotkeysRequest)
}

func (c *call) setHotkeys(project int64, hotkeys *string) error {
	if project == 0 {
		who, _ := roster.ActorFrom(c.r.Context())
		_, err := c.app.UpdatePerson(c.r.Context(), who.UserID, roster.UserPatch{CustomHotkeys: hotkeys})
		return err
	}
	if hotkeys == nil {
		return nil
	}
	return c.app.SetProjectHotkeys(c.r.Context(), project, *hotkeys)
}
