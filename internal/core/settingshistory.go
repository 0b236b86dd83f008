package core

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"roster"
)

// SavedSAML is the settings of SAML as they are kept, with their groups; empty where there are none.
func (a *App) SavedSAML(ctx context.Context, organization int64) (s roster.SAMLSettings, err error) {
	s, err = a.db.SAMLSettings(ctx, organization)
	if err != nil && roster.KindOf(err) != roster.NotFound {
		return s, err
	}
	s.Mappings, err = a.db.MappingsOf(ctx, organization, roster.MappingSAML)
	return s, err
}

// SettingsHistory is one page of how what an organization says of its identity
// providers came about, and how many changes there are in all.
func (a *App) SettingsHistory(
	ctx context.Context, organization int64, kind roster.MappingSource, f roster.HistoryFilter, page roster.Page,
) (changes []roster.SettingsChange, total int, err error) {
	if _, err := a.InOrganization(ctx, ViewHistory, organization); err != nil {
		return nil, 0, err
	}
	if total, err = a.db.CountSettingsHistory(ctx, organization, kind, f); err != nil || page.Offset() >= total {
		return nil, total, err
	}
	changes, err = a.db.SettingsHistory(ctx, organization, kind, f, page)
	return changes, total, err
}

// RecordingSettings makes a change of the settings of identity providers, and
// writes down which fields of which kind it left other than they were.
func (a *App) RecordingSettings(ctx context.Context, who roster.Actor, change func() error) error {
	before, err := a.providerSettings(ctx, who.OrganizationID)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := a.providerSettings(ctx, who.OrganizationID)
	if err != nil {
		return err
	}
	for _, kind := range []roster.MappingSource{roster.MappingSAML, roster.MappingSCIM} {
		if err := a.recordSettings(ctx, who, kind, before[kind], after[kind]); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) recordSettings(ctx context.Context, who roster.Actor, kind roster.MappingSource,
	before, after providerFields) error {
	c := roster.SettingsChange{Kind: kind, State: roster.StateRemoved, ActorID: who.UserID, At: a.Now()}
	if before.say() {
		c.Previous = roster.StateActive
	}
	if after.say() {
		c.State = roster.StateActive
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if after[name] != before[name] {
			c.Changed = append(c.Changed, name)
		}
	}
	if len(c.Changed) == 0 {
		return nil
	}
	return a.db.RecordSettings(ctx, who.OrganizationID, c)
}

// providerFields is settings as texts, by the names that requests have for them; ""
// for what is not said.
type providerFields map[string]string

// say reports whether anything is said.
func (f providerFields) say() bool {
	for _, text := range f {
		if text != "" {
			return true
		}
	}
	return false
}

func (a *App) providerSettings(ctx context.Context,
	organization int64) (map[roster.MappingSource]providerFields, error) {
	saml, err := a.SavedSAML(ctx, organization)
	if err != nil {
		return nil, err
	}
	scim, err := a.db.MappingsOf(ctx, organization, roster.MappingSCIM)
	fields := groupFields(saml.Mappings)
	maps.Copy(fields, providerFields{
		"domain": saml.Domain, "idp_provider": saml.Provider, "metadata_url": saml.MetadataURL,
		"metadata_xml":  saml.MetadataXML,
		"mapping_email": saml.Attributes.Email, "mapping_first_name": saml.Attributes.FirstName,
		"mapping_last_name": saml.Attributes.LastName,
		"mapping_groups":    saml.Attributes.Groups, "manual_role_management": "",
	})
	if saml.ManualRoles != nil {
		fields["manual_role_management"] = fmt.Sprint(*saml.ManualRoles)
	}
	return map[roster.MappingSource]providerFields{roster.MappingSAML: fields, roster.MappingSCIM: groupFields(scim)}, err
}

// groupFields is what groups give, by the field that says it.
func groupFields(mappings []roster.SCIMMapping) providerFields {
	names := map[roster.SCIMTarget]string{roster.SCIMRole: "roles_groups", roster.SCIMWorkspace: "workspaces_groups",
		roster.SCIMProject: "projects_groups"}
	fields := providerFields{}
	for _, name := range names {
		fields[name] = ""
	}
	for _, m := range mappings {
		fields[names[m.Kind]] += fmt.Sprintf("%d %s %q %q\n", m.Target, m.Role, m.Title, m.Group)
	}
	return fields
}
