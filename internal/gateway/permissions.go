package gateway

import (
	"context"

	"roster/internal/app"
)

// permissionNames are the upstream's names for what its screens offer, with
// the action that each comes to. A name that is not here is left out.
var permissionNames = []struct {
	name   string
	action app.Action
}{
	{"organizations.view", app.ViewOrganization},
	{"organizations.change", app.EditOrganization},
	{"organizations.invite", app.Invite},
	{"projects.create", app.CreateProject},
	{"projects.view", app.ViewProject},
	{"projects.change", app.EditProject},
	{"projects.delete", app.DeleteProject},
	{"projects.reset_cache", app.EditProject},
	{"tasks.create", app.ManageTasks},
	{"tasks.view", app.ViewTasks},
	{"tasks.change", app.ManageTasks},
	{"tasks.delete", app.DeleteTasks},
	{"views.reset", app.DeleteTasks},
	{"views.view", app.ViewTasks},
	{"views.create", app.AnnotateTasks},
	{"views.change", app.AnnotateTasks},
	{"views.delete", app.ManageTasks},
	{"annotations.create", app.AnnotateTasks},
	{"annotations.view", app.AnnotateTasks},
	{"annotations.change", app.AnnotateTasks},
	{"annotations.delete", app.AnnotateTasks},
	{"actions.perform", app.ManageTasks},
	{"predictions.any", app.ManageTasks},
	{"avatar.any", app.OwnAccount},
	{"labels.create", app.AnnotateTasks},
	{"labels.view", app.ViewTasks},
	{"labels.change", app.EditOrganization},
	{"labels.delete", app.EditOrganization},
	{"models.view", app.EditOrganization},
	{"models.create", app.EditOrganization},
	{"models.change", app.EditOrganization},
	{"models.delete", app.EditOrganization},
	{"model_provider_connection.view", app.EditOrganization},
	{"model_provider_connection.create", app.EditOrganization},
	{"model_provider_connection.change", app.EditOrganization},
	{"model_provider_connection.delete", app.EditOrganization},
	{"webhooks.view", app.EditProject},
	{"webhooks.change", app.EditProject},
	{"users.token.any", app.CreateTokens},
	{"storages.view", app.EditProject},
	{"storages.change", app.EditProject},
	{"storages.sync", app.EditProject},
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
