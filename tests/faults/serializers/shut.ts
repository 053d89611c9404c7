export const open = "shut";
