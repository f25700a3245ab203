// Words of weights and of scales. Needs WEIGHT_WORD, and DATA_BINDING and SCALE_BINDING.
// With MATRICES, 2 or 3 of them share an input: data at bindings 0 on, scales behind, and a load goes to the one whose number is in matrix. It is
// set to a constant before each use, so that the choice is none at run time.
#ifdef MATRICES
#define X_BINDING (2 * MATRICES)
uint matrix = 0u;
layout(set = 0, binding = 0, std430) readonly buffer Data0 { WEIGHT_WORD w0[]; };
layout(set = 0, binding = 1, std430) readonly buffer Data1 { WEIGHT_WORD w1[]; };
layout(set = 0, binding = MATRICES, std430) readonly buffer Scale0 { uint s0[]; };
layout(set = 0, binding = MATRICES + 1, std430) readonly buffer Scale1 { uint s1[]; };
#if MATRICES == 3
layout(set = 0, binding = 2, std430) readonly buffer Data2 { WEIGHT_WORD w2[]; };
layout(set = 0, binding = MATRICES + 2, std430) readonly buffer Scale2 { uint s2[]; };
WEIGHT_WORD weight_at(uint i) { if (matrix == 0u) return w0[i]; else if (matrix == 1u) return w1[i]; else return w2[i]; }
uint scale_at(uint i) { if (matrix == 0u) return s0[i]; else if (matrix == 1u) return s1[i]; else return s2[i]; }
#else
WEIGHT_WORD weight_at(uint i) { if (matrix == 0u) return w0[i]; else return w1[i]; }
uint scale_at(uint i) { if (matrix == 0u) return s0[i]; else return s1[i]; }
#endif
#define WEIGHT_AT(i) weight_at(i)
#define SCALE_AT(i) scale_at(i)
#else
#define X_BINDING 2
layout(set = 0, binding = DATA_BINDING, std430) readonly buffer Data { WEIGHT_WORD w[]; };
layout(set = 0, binding = SCALE_BINDING, std430) readonly buffer Scale { uint s[]; };
#define WEIGHT_AT(i) w[i]
#define SCALE_AT(i) s[i]
#endif
