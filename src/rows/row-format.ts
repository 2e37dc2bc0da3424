/** The numbers of the format of blocks, which is described in block.ts. */

/** In identityLength: the block is sorted, and its identity follows the number of a shared label set. */
export const sortedFlag = 0x8000_0000
/** The bytes of that number. */
export const constantsLength = 2
/** Instead of a first attribute in the dictionary of a sorted block: the set has all labels of its rows. */
export const wholeMark = 0

/** The number of families that rows can refer to. */
export const maxFamilies = 1 << 24
export const duplicateFlag = 1 << 4
/** The row does not count: a limit withholds it, and may let it return. */
export const withheldFlag = 1 << 5

export const familySame = 0
export const familyNext = 1
export const familyNear = 2
export const familyFar = 3
/** Bytes of the family by kind. */
export const familyLengths = [0, 0, 1, 3]
/** Added to the number of a near family, which is at least the one after the next. */
export const familyNearBase = 2

export const labelsNone = 0
export const labelsNear = 1
export const labelsFar = 2
export const labelsShared = 3

export const valueZero = 0
export const valueOne = 1
export const valueU32 = 2
export const valueF64 = 3
/** Bytes of the label reference and of the value, by kind. */
export const labelLengths = [0, 2, 4, 2]
export const valueLengths = [0, 0, 4, 8]
/** Bytes of a row by its head. */
export const rowLengths = Uint8Array.from({ length: 256 }, (_, head) => {
  const lengths = [familyLengths[head >>> 6], labelLengths[(head >>> 2) & 3], valueLengths[head & 3]]
  return lengths.reduce<number>((sum, length) => sum + (length as number), 1)
})
