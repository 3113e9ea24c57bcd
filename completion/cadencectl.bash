# bash completion for cadencectl. What may stand where, the command line knows itself; partners, owners, cadences,
# channels and deliveries it asks from the daemon, and is silent when that does not answer.
_cadencectl()
{
	local word words=("${COMP_WORDS[@]:1:COMP_CWORD}")
	COMPREPLY=()
	while IFS= read -r word; do
		if [ "$word" = FILE: ]; then
			# Where nothing else fits.
			compopt -o default 2>/dev/null
		else
			COMPREPLY+=("$(printf %q "$word")")
		fi
	done < <("${COMP_WORDS[0]}" --complete "${words[@]//\\/}" 2>/dev/null)
}
complete -F _cadencectl cadencectl
