package gateway

import (
	"context"

	"roster/internal/core"
)

// permissionNames are the upstream's names for what its screens offer, with
// the action that each comes to. A name that is not here is left out.
var permissionNames = []struct {
	name   string
	action core.Action
}{
	{"organizations.view", core.ViewOrganization},
	{"organizations.change", core.EditOrganization},
	{"organizations.invite", core.Invite},
	{"projects.create", core.CreateProject},
	{"projects.view", core.ViewProject},
	{"projects.change", core.EditProject},
	{"projects.delete", core.DeleteProject},
	{"projects.reset_cache", core.EditProject},
	{"tasks.create", core.ManageTasks},
	{"tasks.view", core.ViewTasks},
	{"tasks.change", core.ManageTasks},
	{"tasks.delete", core.DeleteTasks},
	{"views.reset", core.DeleteTasks},
	{"views.view", core.ViewTasks},
	{"views.create", core.AnnotateTasks},
	{"views.change", core.AnnotateTasks},
	{"views.delete", core.ManageTasks},
	{"annotations.create", core.AnnotateTasks},
	{"annotations.view", core.AnnotateTasks},
	{"annotations.change", core.AnnotateTasks},
	{"annotations.delete", core.AnnotateTasks},
	{"actions.perform", core.ManageTasks},
	{"predictions.any", core.ManageTasks},
	{"avatar.any", core.OwnAccount},
	{"labels.create", core.AnnotateTasks},
	{"labels.view", core.ViewTasks},
	{"labels.change", core.EditOrganization},
	{"labels.delete", core.EditOrganization},
	{"models.view", core.EditOrganization},
	{"models.create", core.EditOrganization},
	{"models.change", core.EditOrganization},
	{"models.delete", core.EditOrganization},
	{"model_provider_connection.view", core.EditOrganization},
	{"model_provider_connection.create", core.EditOrganization},
	{"model_provider_connection.change", core.EditOrganization},
	{"model_provider_connection.delete", core.EditOrganization},
	{"webhooks.view", core.EditProject},
	{"webhooks.change", core.EditProject},
	{"users.token.any", core.CreateTokens},
	{"storages.view", core.EditProject},
	{"storages.change", core.EditProject},
	{"storages.sync", core.EditProject},
}

// permitted is the names of what the actor may do somewhere.
func (g *Gate) permitted(ctx context.Context) ([]string, error) {
	names := []string{}
	for _, p := range permissionNames {
		if g.app.Somewhere(ctx, p.action) {
			names = append(names, p.name)
		}
	}
	return names, ctx.Err()
}
