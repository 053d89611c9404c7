/** Whether somebody asks for stacks, by `DEBUG=skyburst`. */
export function debugging(): boolean {
  return (process.env.DEBUG ?? "").split(/[\s,]+/).some((name) => name === "skyburst" || name === "*");
}
