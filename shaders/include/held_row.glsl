// Rows that stay in registers between reading and writing, four neighbouring columns at a time. Include after the local size is declared.
// Needs HELD_ID, the id of a specialization constant: Held, vectors of four per invocation, so that LocalSize * Held * 4 is at least the row; 0 where
// rows are too wide for that, or no whole vectors.
#include "indexing.glsl"
#include "reduce.glsl"
layout(constant_id = HELD_ID) const uint Held = 0;
const uint HELD = Held == 0u ? 1u : Held;

// Vector of the row that this invocation holds in place i: neighbours hold neighbours.
uint held_column(uint i) { return i * gl_WorkGroupSize.x + gl_LocalInvocationID.x; }

// Sum of squares of a row; what lies beyond its end must be zero. All invocations of the workgroup must call it.
float held_squares(vec4 row[HELD])
{
    precise vec4 sum = vec4(0.0);
    [[unroll]] for (uint i = 0; i < HELD; i++) sum = fma(row[i], row[i], sum);
    return workgroup_sum((sum.x + sum.y) + (sum.z + sum.w));
}
