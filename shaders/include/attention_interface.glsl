// What every form of attention takes: bindings 0 and 3 to 5, and the push constants. attention_tile.glsl says what they are.
// RESULT_ACCESS and RESULT: how the result is used and what it is made of; written in vectors where they are not defined.
#ifndef RESULT_ACCESS
#define RESULT_ACCESS writeonly
#endif
#ifndef RESULT
#define RESULT vec4
#endif
layout(set = 0, binding = 0, std430) readonly buffer Q { vec4 q[]; };
layout(set = 0, binding = 3, std430) readonly buffer Positions { int positions[]; };
layout(set = 0, binding = 4, std430) readonly buffer Reach { int reach[]; };
layout(set = 0, binding = 5, std430) RESULT_ACCESS buffer Result { RESULT result[]; };
layout(push_constant) uniform Push
{
    uint T; uint H; uint K; uint W; uint R; uint Window; uint First; uint Count; uint Splits; uint Part0; uint Parts; uint Pairs;
    uint Row0;
};
