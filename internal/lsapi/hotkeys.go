package lsapi

import (
	"encoding/json"
	"net/http"

	"roster"
)

var hotkeyRoutes = []plainRoute{
	{"GET", "/api/current-user/hotkeys", (*call).getHotkeys},
	{"PATCH", "/api/current-user/hotkeys", (*call).patchHotkeys},
}

// getHotkeys answers with the caller's hotkeys, or with those that they have
// instead in the project that the query names, which may be none (contract 3.14).
func (c *call) getHotkeys() error {
	project, err := c.hotkeysIn()
	if err != nil {
		return err
	}
	return c.hotkeys(project)
}

// hotkeysIn is the project whose hotkeys are meant; 0 for the account's.
func (c *call) hotkeysIn() (int64, error) {
	p := c.params()
	project := p.id("project")
	if p.values.Has("project") && !p.given("project") {
		p.bad("project", "A valid integer is required.")
	}
	return project, p.err()
}

func (c *call) hotkeys(project int64) error {
	kept := ""
	if project == 0 {
		u, _, err := c.app.Me(c.r.Context())
		if err != nil {
			return err
		}
		kept = u.CustomHotkeys
	} else {
		var err error
		if kept, err = c.app.ProjectHotkeys(c.r.Context(), project); err != nil {
			return err
		}
	}
	return c.json(http.StatusOK, map[string]any{"custom_hotkeys": hotkeysOf(kept)})
}

// hotkeysOf is hotkeys as they are kept, on the wire; {} where there are none.
func hotkeysOf(kept string) json.RawMessage {
	if kept == "" {
		kept = "{}"
	}
	return shallow(kept, roster.MostNestedKeys, "{}")
}

// patchHotkeys replaces all of them at once.
func (c *call) patchHotkeys() error {
	project, err := c.hotkeysIn()
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	patch := roster.UserPatch{CustomHotkeys: b.raw("custom_hotkeys")}
	b.object("custom_hotkeys")
	if err := b.err(); err != nil {
		return err
	}
	if err := c.setHotkeys(project, patch); err != nil {
		return err
	}
	return c.hotkeys(project)
}

func (c *call) setHotkeys(project int64, patch roster.UserPatch) error {
	if project == 0 {
		who, _ := roster.ActorFrom(c.r.Context())
		_, err := c.app.UpdatePerson(c.r.Context(), who.UserID, patch)
		return err
	}
	if patch.CustomHotkeys == nil {
		return nil
	}
	return c.app.SetProjectHotkeys(c.r.Context(), project, *patch.CustomHotkeys)
}
