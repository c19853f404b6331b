package main

import (
	"bufio"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/internal/wslua"
)

func newWiresharkLua() *cobra.Command {
	var specs []string
	c := &cobra.Command{
		Use:   "wireshark-lua",
		Short: "Print a Lua dissector for Wireshark, made of the descriptions",
		Long: `Print a dissector that has Wireshark show netlink messages by the descriptions
of nlsniff: operations, attributes with the kernel's names, nests, the kernel's
words. It goes into the folder of personal Lua plugins (Wireshark: Help, About,
Folders), or is loaded with -X lua_script:FILE. Its fields can be filtered for,
as nlsniff.IFLA_MTU > 1500.`,
		Example: `  nlsniff wireshark-lua > ~/.local/lib/wireshark/plugins/nlsniff.lua
  tshark -X lua_script:nlsniff.lua -r capture.pcapng -V
  tshark -X lua_script:nlsniff.lua -r capture.pcapng -T fields -e nlsniff.op -e nlsniff.IFLA_IFNAME`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			db, err := loadFamilies(specs, warner(c))
			if err != nil {
				return err
			}
			out := bufio.NewWriter(c.OutOrStdout())
			if err := wslua.Write(out, db); err != nil {
				return err
			}
			return out.Flush()
		},
	}
	c.Flags().StringArrayVar(&specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	return c
}
