-- Changes of the model in service happen one after another; reading goes on.
lock table activation in exclusive mode
