// Include after the local size is declared: gl_WorkGroupSize is 1 before.
// Work beyond 65535 workgroups is folded into the y axis by the host; this is the flat number of the workgroup.
uint group_index() { return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; }

// Flat number of the invocation, and how many there are.
uint invocation_index() { return group_index() * gl_WorkGroupSize.x + gl_LocalInvocationID.x; }
uint invocation_count() { return gl_NumWorkGroups.x * gl_NumWorkGroups.y * gl_WorkGroupSize.x; }
