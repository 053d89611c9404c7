import { contractOn } from "./contract-on.ts";

await contractOn("ministack", { nesting: "unnoticed" });
