package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// commandLine describes all commands. began tells whether one of them was started: its error is no error of usage.
func commandLine(p *program) (root *cobra.Command, began *bool) {
	began = new(bool)
	root = &cobra.Command{
		Use: "skein", Short: "Customer service from the chat your team already lives in.",
		SilenceUsage: true, SilenceErrors: true, Args: cobra.NoArgs,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.PersistentFlags().StringVar(&p.config, "config", "", "configuration `FILE`")
	root.PersistentPreRun = func(*cobra.Command, []string) { *began = true }
	root.RunE = func(*cobra.Command, []string) error { return serveCommand{}.Run(p) }
	root.AddCommand(
		bare(p, "serve", "Run the daemon. What skein does without a command.", serveCommand{}),
		checkLine(p),
		group("manifest", "Print what a platform must be told about this configuration.",
			bare(p, "slack", "Print the Slack app manifest (YAML).", manifestSlackCommand{})),
		bare(p, "migrate", "Bring the database's schema up to date.", migrateCommand{}),
		loginLine(p),
		inviteLine(p),
		bare(p, "version", "Print version, commit and Go.", versionCommand{}),
		group("quick-replies", "Carry quick replies in and out.", quickImportLine(p), quickExportLine(p)),
	)
	return root, began
}

// bare is a command without arguments.
func bare(p *program, name, help string, command interface{ Run(p *program) error }) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: help, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return command.Run(p) },
	}
}

// group is a command that is nothing without one of its own.
func group(name, help string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use: name, Short: help,
		Args: func(*cobra.Command, []string) error { return fmt.Errorf("%s: say which of its commands", name) },
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	g.AddCommand(commands...)
	return g
}

func checkLine(p *program) *cobra.Command {
	var check checkCommand
	c := &cobra.Command{
		Use: "check", Short: "Validate the configuration; with -online, prove that it works.", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return check.Run(p) },
	}
	c.Flags().BoolVar(&check.Online, "online", false,
		"connect as well: prove tokens, permissions, channels, webhooks, database and file store")
	return c
}

func loginLine(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "login [AGENT]", Short: "Print a link for one use into the workbench.",
		Long: "Prints a link for one use into the workbench, for the member of the team who is named, or for its owner.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return loginCommand{Agent: first(args, "")}.Run(p) },
	}
}

func inviteLine(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "invite [agent|admin]", Short: "Print a code by which somebody comes into the team.",
		Long:      "Prints a code by which one person comes into the team, as agent or admin. The first member of a team is its owner.",
		ValidArgs: []string{"agent", "admin"}, Args: cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		RunE: func(_ *cobra.Command, args []string) error {
			return inviteCommand{Role: first(args, "agent")}.Run(p)
		},
	}
}

func quickImportLine(p *program) *cobra.Command {
	var cmd quickImportCommand
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Read quick replies from a CSV or JSON file; those with the same shortcut are replaced.",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cmd.File = args[0]
			return cmd.Run(p)
		},
	}
	c.Flags().StringVar(&cmd.Agent, "agent", "", "whose personal quick replies are read, too: a `NAME` or a number")
	return c
}

func quickExportLine(p *program) *cobra.Command {
	var cmd quickExportCommand
	c := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write quick replies to a CSV or JSON file, or to standard output as JSON.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cmd.File = first(args, "-")
			return cmd.Run(p)
		},
	}
	c.Flags().StringVar(&cmd.Agent, "agent", "", "write the agent's own instead of the team's: a `NAME` or a number")
	return c
}

// first is the first argument, or what stands for none.
func first(args []string, none string) string {
	if len(args) == 0 {
		return none
	}
	return args[0]
}
